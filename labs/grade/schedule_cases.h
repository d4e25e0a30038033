// The grader of schedule builders: what an answer says of each rank becomes a Schedule, and that is
// judged as the kit judges its own: by the checker (is it legal), by its program (does it end), by
// the simulator (how long it takes) and by what the ranks hold. Limits are formulas, and costs are
// small whole numbers, so that sums are exact.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/schedule/schedule.h"
#include "core/schedule/simulator.h"
#include "labs/grade/trial.h"

namespace shardpipe {

struct ScheduleCase {
  std::string name = {};                                    // "3 ranks, 6 micro-batches"
  std::function<std::vector<Action>(int rank)> order = {};  // the answer
  // One that fits every limit. It says which rank computes what, in which kinds of actions, and
  // stands in the picture beside the answer.
  Schedule right = {};
  std::vector<Costs> costs = {};  // the time limit holds under each; the first is drawn
  std::function<double(const Costs&)> makespan = {};
  std::string makespan_words = {};  // "(m+p-1)(F+B)"
  std::function<int(int rank)> held = {};
  std::string held_words = {};  // "min(p-r, m)"
};

// A schedule that takes longer than `makespan` earns nothing for its time. One that holds less than
// `held` on some rank buys memory with time, so only exactly `held` earns something for memory.
Trial run_schedule_cases(const std::vector<ScheduleCase>& cases);

}  // namespace shardpipe
