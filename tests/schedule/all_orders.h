// The least makespan under a limit of memory by trying every order: slow, and made in another way
// than what it is held against.
#pragma once

#include "core/schedule/limit_bound.h"
#include "core/schedule/simulator.h"

namespace shardpipe {

enum class Names { any, in_order };  // in_order: each stage does micro-batch 0 first, then 1, ..

// most_held: chunks that a rank holds from F to W.
double least_makespan(const Placement& placement, int microbatches, int most_held,
                      const Costs& costs, Names names = Names::any);

// The most chunks that a rank holds at once, from the start of an F to the end of its W or B.
int most_held_by_a_rank(const Schedule& schedule, const Timing& timing);

}  // namespace shardpipe
