// The heuristic of Qi et al. 2024, Zero Bubble Pipeline Parallelism (arXiv 2401.10241),
// section 3.1: an order under a limit of memory, made for the costs it is given. One stage a rank;
// F, I and W.
//
//   warm-up  F's as the limit allows, until the gradient of micro-batch 0 comes back; each rank has
//            fewer of them than the one before it
//   then     round by round one F and one I on each rank. W's go where a rank would wait for at
//   least
//            as long as a W takes; in a shorter wait, where that would make this rank the one that
//            has waited longest; and where the limit asks for one before the next F
//   at last  the W's that are left
//
// Each step is the best at that moment, so the whole need not be: with three ranks, three
// micro-batches and two held it takes 15 where 14 is possible.
#pragma once

#include "core/schedule/schedule.h"
#include "core/schedule/simulator.h"

namespace shardpipe {

// The three choices that no rule decides. All eight ways are tried.
struct HeuristicFlags {
  bool warms_up_into_gradient =
      false;                       // the last F of a warm-up may end after the gradient is there
  bool spares_forwards = false;    // no F where the rank behind has two to do and is the busier one
  bool fills_short_waits = false;  // a W goes into every wait, however short
};

// most_held: micro-batches that a rank holds, at least 1.
Schedule zb_heuristic(int p, int m, int most_held, const Costs& costs, const HeuristicFlags& flags);

// Of the eight the one with the least makespan; among these that whose longest span is the least.
// The authors take the least span.
Schedule zb_heuristic(int p, int m, int most_held, const Costs& costs);

// The longest time of a rank from the start of its first action to the end of its last one.
double longest_span(const Timing& timing);

}  // namespace shardpipe
