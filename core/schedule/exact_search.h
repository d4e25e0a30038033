// The least makespan of all orders on given ranks under a limit of memory, by branch and bound.
// Small sizes only: what has to be tried grows exponentially.
//
// What is searched: micro-batches in their own order, F's and I's of each stage; B is an I with its
// W behind it. Nothing is lost by that. Given any order, call the k-th F and the k-th I of each
// stage micro-batch k. When the k-th F of a stage starts, k F's of the stage before it have ended
// and arrived, among them its k-th; so it is with I's. And let the k-th W of a rank be that of its
// k-th I. Times and memory stay as they were.
//
// How: actions are put at the end of a rank's order, each as early as it can be. Of all that could
// be next, anywhere, take the one that would end first, at time t on rank r. Tried is each action
// that could start on r before t. To leave r idle until t, or longer, gains nothing: that one
// action could be moved into the idle time, and nothing would be later (Giffler and Thompson 1960
// call orders without such a move active). Memory allows that if the action is an I or a W, which
// never need more of it earlier; if it is an F and the rank has one stage, for then only I's and
// W's lie between where it was and where it goes; and if all F's that are left have room. Otherwise
// to leave r idle is tried, too.
//
// What is left out: a partial order that cannot end before the best one found, by a bound as that
// of limit_bound.h on what is left; and one that has done the same as another with no time earlier.
#pragma once

#include <optional>

#include "core/schedule/limit_bound.h"
#include "core/schedule/schedule.h"
#include "core/schedule/simulator.h"

namespace shardpipe {

// Sizes that are searched, stages x micro-batches; and how many partial orders before the search
// gives up. So its time is bounded, and the same request always gets the same answer.
constexpr int kMostSearched = 128;
constexpr int kMostSearchedOrders = 100'000;

struct Searched {
  std::optional<Schedule> better = {};  // than what was to be beaten
  bool is_complete = false;             // nothing else is better
  int orders = 0;                       // partial ones that were looked at
};

// Looks for less than `makespan`. most_held: chunks that a rank holds, at least 1.
Searched search_orders(const Placement& placement, int m, int most_held, const Costs& costs,
                       double makespan);

}  // namespace shardpipe
