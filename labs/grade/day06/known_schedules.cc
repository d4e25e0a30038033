#include "labs/grade/day06/known_schedules.h"

#include "core/schedule/builders.h"
#include "core/schedule/lags.h"

namespace shardpipe {
namespace {

using enum ActionKind;

// Each rank's backward lags by lag_of(rank) behind its forward.
template <class LagOf>
Schedule with_lags(int p, int m, LagOf lag_of) {
  Schedule schedule{.stages = p, .microbatches = m};
  for (int r = 0; r < p; ++r)
    schedule.ranks.push_back(lagged(m, {{F, 0}, {B, lag_of(r)}}, [r](ActionKind kind, int k) {
      return Action{r, kind, k};
    }));
  return schedule;
}

Schedule right_one(int p, int m) {
  return with_lags(p, m, [=](int r) { return p - 1 - r; });
}

// Micro-batches are independent of each other, so which of them is called 0 is a matter of taste.
Schedule last_microbatch_first(int p, int m) {
  Schedule schedule = right_one(p, m);
  for (auto& order : schedule.ranks)
    for (Action& action : order) action.microbatch = m - 1 - action.microbatch;
  return schedule;
}

Schedule without_cooldown(int p, int m) {
  Schedule schedule = right_one(p, m);
  for (auto& order : schedule.ranks)
    while (order.size() > 1 && order[order.size() - 2].kind == B) order.pop_back();
  return schedule;
}

Schedule reversed_warm_up(int p, int m) {
  return with_lags(p, m, [](int r) { return r; });
}

Schedule gpipe_order(int p, int m) {
  return with_lags(p, m, [=](int) { return m; });
}

Schedule one_forward_more(int p, int m) {
  return with_lags(p, m, [=](int r) { return p - r; });
}

// A stack where a queue belongs: each backward is that of the forward done last. What ranks hold
// stays the same.
Schedule newest_first(int p, int m) {
  Schedule schedule = right_one(p, m);
  for (auto& order : schedule.ranks) {
    std::vector<int> held;
    for (Action& action : order) {
      if (action.kind == F) {
        held.push_back(action.microbatch);
      } else {
        action.microbatch = held.back();
        held.pop_back();
      }
    }
  }
  return schedule;
}

}  // namespace

const std::vector<KnownSchedule>& known_schedules() {
  static const std::vector<KnownSchedule> all = {
      {"1F1B", true, right_one},
      {"1F1B that takes the last micro-batch first", true, last_microbatch_first},
      {"a 1F1B whose last backwards are missing", false, without_cooldown},
      {"a 1F1B whose warm-up is that of the opposite rank", false, reversed_warm_up},
      {"GPipe", false, gpipe_order},
      {"a 1F1B with one forward too many in the warm-up", false, one_forward_more},
      {"a 1F1B whose backward takes the newest micro-batch", false, newest_first},
  };
  return all;
}

}  // namespace shardpipe
