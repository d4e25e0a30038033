// What one phase of a ring may cost, of n ranks and a tensor of `elements` f32 numbers.
#pragma once

#include "labs/grade/device_cases.h"

namespace shardpipe {

enum class RingPhase { reduce_scatter, all_gather };

// n-1 steps; every part but one sent once by each rank, to the next rank only; scratch memory:
// reduce_scatter two parts, all_gather none.
std::vector<Budget> ring_budgets(int ranks, Index elements, RingPhase phase);

// The part of `count` that number i of `elements` lies in.
int part_of(Index elements, int count, Index i);

// Sends go to the next rank, and what is received comes from the one before.
Budget only_around_the_ring(int ranks);

}  // namespace shardpipe
