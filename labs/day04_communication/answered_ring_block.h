// A block in style collective-matmul whose gathers are those of exercise day04_ring_matmul, so that
// the lab runs it. Its reduce-scatters are the kit's rings.
#pragma once

#include "core/tensor_parallel/block.h"

namespace shardpipe {

// Loads the answer (labs/answers.h).
std::unique_ptr<Layer> answered_ring_block(RankContext& ctx, const BlockOptions& options);

}  // namespace shardpipe
