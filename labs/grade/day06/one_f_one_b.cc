#include "labs/grade/day06/one_f_one_b.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/schedule/builders.h"

namespace shardpipe {

std::string PipelineSize::words() const {
  return text(ranks, ranks == 1 ? " rank, " : " ranks, ", microbatches,
              microbatches == 1 ? " micro-batch" : " micro-batches");
}

PipelineSize seeded_size(std::uint64_t seed) {
  const auto below = [&](std::uint64_t index, int limit) {
    return static_cast<int>(random_bits(seed, 0, index) % static_cast<std::uint64_t>(limit));
  };
  const int ranks = 3 + below(0, 4);
  return {ranks, 2 * ranks + below(1, ranks)};
}

ScheduleCase one_f_one_b_case(PipelineSize size) {
  const int p = size.ranks, m = size.microbatches;
  return {.name = size.words(),
          .right = build_schedule("1f1b", p, m, 1),
          // B as long as F, as in most pictures; twice; less than F.
          .costs = {{1, 0.5, 0.5, 0}, {1, 1, 1, 0}, {3, 1, 1, 0}},
          .makespan = [=](const Costs& c) { return (m + p - 1) * (c.F + c.I + c.W); },
          .makespan_words = "(m+p-1)(F+B)",
          .held = [=](int rank) { return std::min(p - rank, m); },
          .held_words = "min(p-r, m)"};
}

Trial judge_1f1b(const Schedule& schedule, PipelineSize size) {
  ScheduleCase c = one_f_one_b_case(size);
  c.order = [&](int rank) { return schedule.ranks.at(static_cast<std::size_t>(rank)); };
  return run_schedule_cases({c});
}

}  // namespace shardpipe
