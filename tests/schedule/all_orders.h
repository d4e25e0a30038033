// The least makespan under a limit of memory by trying every order: slow, and made in another way
// than what it is held against. Micro-batches in any order, not only their own.
#pragma once

#include "core/schedule/limit_bound.h"
#include "core/schedule/simulator.h"

namespace shardpipe {

// most_held: chunks that a rank holds from F to W.
double least_makespan(const Placement& placement, int microbatches, int most_held,
                      const Costs& costs);

// The most chunks that a rank holds at once, from the start of an F to the end of its W or B.
int most_held_by_a_rank(const Schedule& schedule, const Timing& timing);

}  // namespace shardpipe
