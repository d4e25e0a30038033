// Sums of many tensors over the ranks of a group, each tensor by itself: the gradients of a model.
// k tensors of one dtype, S bytes in all. The results are the same; what they cost is not:
//   separate    k all_reduces: k starts
//   flattened   copied side by side into one tensor, one all_reduce, copied back: 1 start, and 4 S
//               bytes of memory traffic in 2 k copies. Scratch: S
//   coalesced   one launch of k all_reduces, in place: 1 start, no copies
// Where tensors can lie side by side from the start, one all_reduce does without all of it:
// GradientSync's buckets (core/model), Megatron-LM's ParamAndGradBuffer.
#pragma once

#include "core/collectives/collective.h"

namespace shardpipe {

enum class ManySums { separate, flattened, coalesced };

const char* name_of(ManySums how);
std::vector<ManySums> all_many_sums();

void all_reduce_many(const std::vector<Tensor>& inouts, ManySums how, const CollectiveContext& on,
                     Where where = Where::here());

}  // namespace shardpipe
