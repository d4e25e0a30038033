// The block of exercise day04_sequence_block as a Layer on x [T/t,D], so that the lab runs it: the
// learner's functions around the kit's norms and linears.
#pragma once

#include "core/tensor_parallel/block.h"

namespace shardpipe {

// Loads the answer (labs/answers.h).
std::unique_ptr<Layer> answered_sequence_block(RankContext& ctx, const BlockOptions& options);

}  // namespace shardpipe
