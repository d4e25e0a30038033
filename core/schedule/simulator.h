// What a schedule costs, by replay in which a rank starts an action as soon as it is free and has
// the inputs. Messages are asynchronous and arrive C after the action that sent them ended.
#pragma once

#include <vector>

#include "core/schedule/schedule.h"

namespace shardpipe {

// Of one micro-batch through the share of the model that one rank holds (dualpipe: through one of
// its two stages). B costs I + W, an action 1/chunks of it. C: from one rank to another, one way.
// F is above 0, the others at least 0 (W = 0: frozen weights).
struct Costs {
  double F = 1, I = 1, W = 1, C = 0;

  // Of each stage of the model, where they differ: one micro-batch through that stage.
  struct Stage {
    double F = 1, I = 1, W = 1;
  };
  std::vector<Stage> stages = {};  // empty: every stage takes 1/chunks of F, I and W above
};

double cost_of(ActionKind kind, const Costs& costs);  // of a rank's share: the stages aside
// What an action of this schedule takes.
double cost_of(const Action& action, const Schedule& schedule, const Costs& costs);

struct Interval {
  double start = 0, end = 0;
};

struct Timing {
  // As Schedule::ranks. The two actions of a block (Action::with_next) both last as long as the
  // block.
  std::vector<std::vector<Interval>> ranks = {};
  double makespan = 0;
  double bubble_over_ideal = 0;  // makespan over the busiest rank's work, minus 1
  double bubble_over_total = 0;  // 1 - that work over the makespan
  double efficiency = 0;         // 1 - bubble_over_total
  // Per rank: its own span, from its first start to its last end, over its work, minus 1.
  // Zero-bubble schedules are zero here: ranks start and end one after another, as in a relay.
  std::vector<double> span_bubble = {};
  // Per rank: most (stage, micro-batch) whose forward is done, or under way, and whose activations
  // are still needed: until W ends (B where it is not split; F where nothing follows). In chunks.
  std::vector<int> peak_in_flight = {};
  std::vector<int> peak_until_input_gradient = {};  // the same, until I or B ends
  // No schedule that places the work like this one can be faster: the worst over ranks of earliest
  // possible start + own work + shortest possible rest.
  double lower_bound = 0;
  double lower_bound_if_split = 0;  // the same, were every B cut into I and W
};

// Linear in the number of actions. Throws Error(wrong) where ranks wait for each other for ever.
Timing simulate(const Schedule& schedule, const Costs& costs);

}  // namespace shardpipe
