// Schedules that go through the ranks v times: rank r holds the stages r, r+p, .., r+(v-1)p. The
// way in and out is through stages of 1/v the size, so the bubble is 1/v; messages are v times as
// many.
//   interleaved_1f1b  Narayanan et al. 2021, Megatron-LM (arXiv 2104.04473), 2.2.2
//   looped_bfs        Lamy-Poirier 2023, Breadth-First Pipeline Parallelism (2211.05953)
// Both walk through the v*m items (chunk, micro-batch) of a rank with a lag (lags.h).
#include <algorithm>

#include "core/schedule/families.h"
#include "core/schedule/lags.h"

namespace shardpipe {
namespace {

Schedule looped(const char* name, int p, int m, int v) {
  return {.name = name, .stages = p * v, .microbatches = m, .chunks = v};
}

}  // namespace

// A last group of fewer than p micro-batches would leave ranks without work before it.
int default_group(int p, int m) {
  int group = std::min(p, m);
  while (m % group != 0 && m % group < p) ++group;
  return group;
}

// Items come in rounds: a group of micro-batches through chunk 0, the same through chunk 1, and so
// on; the last group may be smaller. In a group of p, the first micro-batch is back at rank 0 for
// the next chunk when the last one leaves it; larger groups wait longer, and so more is held.
Schedule interleaved_1f1b(int p, int m, int v, int group) {
  Schedule schedule = looped("interleaved_1f1b", p, m, v);
  for (int r = 0; r < p; ++r) {
    const auto action_of = [=](ActionKind kind, int item) {
      const int first = item / (group * v) * group, size = std::min(group, m - first);
      const int chunk = (item - first * v) / size, k = (item - first * v) % size;
      const int stage = (kind == ActionKind::F ? chunk : v - 1 - chunk) * p + r;
      return Action{stage, kind, first + k};
    };
    const int lag = 2 * (p - 1 - r) + (v - 1) * group;
    schedule.ranks.push_back(lagged(m * v, {{ActionKind::F, 0}, {ActionKind::B, lag}}, action_of));
  }
  return schedule;
}

// All micro-batches through a chunk before the next chunk; backward in exactly the opposite order.
// A chunk's weights are used once a direction, which is what sharded data parallelism wants.
Schedule looped_bfs(int p, int m, int v) {
  Schedule schedule = looped("looped_bfs", p, m, v);
  const int items = m * v;
  for (int r = 0; r < p; ++r) {
    const auto action_of = [=](ActionKind kind, int item) {
      const int i = kind == ActionKind::F ? item : items - 1 - item;
      return Action{i / m * p + r, kind, i % m};
    };
    schedule.ranks.push_back(
        lagged(items, {{ActionKind::F, 0}, {ActionKind::B, items}}, action_of));
  }
  return schedule;
}

}  // namespace shardpipe
