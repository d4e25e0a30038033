#include "core/schedule/replay.h"

#include <algorithm>

namespace shardpipe {
namespace {

constexpr double kNever = -1;

// When the forward and the input gradient of each (stage, micro-batch) ended, and which rank waits
// for that. One waiter is enough: a forward has one reader on another rank, and so has a gradient.
struct Ends {
  explicit Ends(std::size_t slots)
      : forward(slots, kNever),
        input(slots, kNever),
        forward_waiter(slots, -1),
        input_waiter(slots, -1) {}

  std::vector<double> forward, input;
  std::vector<int> forward_waiter, input_waiter;
};

class Walk {
 public:
  Walk(const Schedule& schedule, const StagePlacement& placement, const Costs& costs)
      : schedule_(schedule),
        placement_(placement),
        costs_(costs),
        ends_(static_cast<std::size_t>(schedule.stages) *
              static_cast<std::size_t>(schedule.microbatches)) {}

  Replay run() {
    result_.ranks.resize(schedule_.ranks.size());
    for (int rank = schedule_.num_ranks() - 1; rank >= 0; --rank) runnable_.push_back(rank);
    while (!runnable_.empty()) {
      const int rank = runnable_.back();
      runnable_.pop_back();
      advance(rank);
    }
    for (std::size_t r = 0; r < schedule_.ranks.size(); ++r)
      if (result_.ranks[r].size() < schedule_.ranks[r].size()) result_.is_complete = false;
    return std::move(result_);
  }

 private:
  std::size_t slot(int stage, int microbatch) const {
    return static_cast<std::size_t>(stage) * static_cast<std::size_t>(schedule_.microbatches) +
           static_cast<std::size_t>(microbatch);
  }

  // Does actions of the rank until one has to wait.
  void advance(int rank) {
    const std::vector<Action>& order = schedule_.ranks[static_cast<std::size_t>(rank)];
    std::vector<Interval>& done = result_.ranks[static_cast<std::size_t>(rank)];
    if (done.empty()) done.reserve(order.size());
    while (done.size() < order.size()) {
      const std::size_t first = done.size(), past = first + (order[first].with_next ? 2 : 1);
      double start = done.empty() ? 0 : done.back().end, cost = 0;
      for (std::size_t i = first; i < past; ++i) {
        if (!inputs_ready(order[i], rank, start)) return;
        cost += cost_of(order[i], schedule_, costs_);
      }
      for (std::size_t i = first; i < past; ++i) {
        done.push_back({start, start + cost});
        finish(order[i], start + cost);
      }
    }
  }

  // Moves `start` to the time at which all inputs are there; false if one is not known yet.
  bool inputs_ready(const Action& a, int rank, double& start) {
    const Needs needs = needs_of(a, schedule_.stages);
    const std::size_t own = slot(a.stage, a.microbatch);
    if (needs.own_forward && !ready(ends_.forward, ends_.forward_waiter, own, rank, 0, start))
      return false;
    if (needs.own_input && !ready(ends_.input, ends_.input_waiter, own, rank, 0, start))
      return false;
    if (needs.stage_before) {
      const std::size_t before = slot(a.stage - 1, a.microbatch);
      if (!ready(ends_.forward, ends_.forward_waiter, before, rank,
                 latency(a.stage - 1, a.microbatch, rank), start))
        return false;
    }
    if (needs.stage_behind) {
      const std::size_t behind = slot(a.stage + 1, a.microbatch);
      return ready(ends_.input, ends_.input_waiter, behind, rank,
                   latency(a.stage + 1, a.microbatch, rank), start);
    }
    return true;
  }

  bool ready(const std::vector<double>& ends, std::vector<int>& waiters, std::size_t at, int rank,
             double delay, double& start) {
    if (ends[at] == kNever) {
      waiters[at] = rank;
      return false;
    }
    start = std::max(start, ends[at] + delay);
    return true;
  }

  double latency(int stage, int microbatch, int rank) const {
    return placement_.rank_of(stage, microbatch) == rank ? 0 : costs_.C;
  }

  void finish(const Action& a, double end) {
    if (a.kind == ActionKind::W) return;
    const std::size_t at = slot(a.stage, a.microbatch);
    const bool is_forward = a.kind == ActionKind::F;
    (is_forward ? ends_.forward : ends_.input)[at] = end;
    int& waiter = (is_forward ? ends_.forward_waiter : ends_.input_waiter)[at];
    if (waiter >= 0) runnable_.push_back(waiter);
    waiter = -1;
  }

  const Schedule& schedule_;
  const StagePlacement& placement_;
  const Costs& costs_;
  Ends ends_;
  std::vector<int> runnable_;
  Replay result_;
};

}  // namespace

Needs needs_of(const Action& action, int stages) {
  const bool is_forward = action.kind == ActionKind::F, is_weight = action.kind == ActionKind::W;
  return {.own_forward = !is_forward && !is_weight,
          .own_input = is_weight,
          .stage_before = is_forward && action.stage > 0,
          .stage_behind = !is_forward && !is_weight && action.stage < stages - 1};
}

double cost_of(ActionKind kind, const Costs& costs) {
  switch (kind) {
    case ActionKind::F: return costs.F;
    case ActionKind::B: return costs.I + costs.W;
    case ActionKind::I: return costs.I;
    case ActionKind::W: return costs.W;
  }
  return 0;
}

double cost_of(const Action& action, const Schedule& schedule, const Costs& costs) {
  if (costs.stages.empty()) return cost_of(action.kind, costs) / schedule.chunks;
  const Costs::Stage& stage = costs.stages[static_cast<std::size_t>(action.stage)];
  return cost_of(action.kind, {.F = stage.F, .I = stage.I, .W = stage.W});
}

Replay replay(const Schedule& schedule, const StagePlacement& placement, const Costs& costs) {
  return Walk(schedule, placement, costs).run();
}

}  // namespace shardpipe
