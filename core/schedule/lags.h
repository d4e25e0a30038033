// Most schedules are one idea: a rank walks through the micro-batches, and its backward follows its
// forward at a distance, the lag. Step k does item k of F, then item k - lag of B, and so on.
//
//   schedule    lag of B or I    lag of W       (rank r of p, m micro-batches)
//   naive       0
//   gpipe       m
//   1f1b        p-1-r
//   eager_1f1b  2(p-1-r)
//   zb_h1       p-1-r            p-1
//   zb_h2       2(p-1-r)         2(p-1)
//
// What a rank holds at most is min(m, 1 + the last lag): the price of the lag is memory.
#pragma once

#include <vector>

#include "core/schedule/schedule.h"

namespace shardpipe {

struct Lag {
  ActionKind kind = ActionKind::F;
  int steps = 0;
};

// The order of one rank: at each step k, for each lag in turn, action_of(kind, k - steps) if that
// is one of 0 .. items-1. Shorter lags first.
template <class ActionOf>
std::vector<Action> lagged(int items, const std::vector<Lag>& lags, ActionOf action_of) {
  std::vector<Action> order;
  order.reserve(static_cast<std::size_t>(items) * lags.size());
  for (int k = 0; k < items + lags.back().steps; ++k)
    for (const Lag& lag : lags)
      if (k - lag.steps >= 0 && k - lag.steps < items)
        order.push_back(action_of(lag.kind, k - lag.steps));
  return order;
}

}  // namespace shardpipe
