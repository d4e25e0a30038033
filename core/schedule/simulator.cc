#include "core/schedule/simulator.h"

#include <algorithm>
#include <limits>

#include "core/base/error.h"
#include "core/schedule/checker.h"
#include "core/schedule/replay.h"

namespace shardpipe {
namespace {

double work_of(const std::vector<Action>& order, const Schedule& schedule, const Costs& costs) {
  double work = 0;
  for (const Action& a : order) work += cost_of(a, schedule, costs);
  return work;
}

// The most forwards held at once, where `releases` says which action lets one go.
template <class Releases>
int peak(const std::vector<Action>& order, Releases releases) {
  int held = 0, most = 0;
  for (const Action& a : order) {
    if (a.kind == ActionKind::F) most = std::max(most, ++held);
    if (releases(a.kind)) --held;
  }
  return most;
}

void count_in_flight(const Schedule& schedule, Timing& timing) {
  const bool forward_only = is_forward_only(schedule);
  for (const auto& order : schedule.ranks) {
    timing.peak_in_flight.push_back(peak(order, [=](ActionKind kind) {
      return kind == ActionKind::B || kind == ActionKind::W || forward_only;
    }));
    timing.peak_until_input_gradient.push_back(peak(order, [=](ActionKind kind) {
      return kind == ActionKind::B || kind == ActionKind::I || forward_only;
    }));
  }
}

// For each action the shortest time before it and behind it that data need to get there, were all
// ranks free: the longest chain of actions and messages. What ranks do besides is left out, so this
// is a bound whatever the order.
class Chains {
 public:
  // cut: as if every B were I and W.
  Chains(const Schedule& schedule, const StagePlacement& placement, const Costs& costs, bool cut)
      : schedule_(schedule), placement_(placement), costs_(costs), cut_(cut) {
    const std::size_t slots =
        static_cast<std::size_t>(schedule.stages) * static_cast<std::size_t>(schedule.microbatches);
    forward_head_.resize(slots);
    input_tail_.resize(slots);
    forward_tail_.resize(slots);
    is_split_.resize(slots, cut ? 1 : 0);
    for (const auto& order : schedule.ranks)
      for (const Action& a : order)
        if (a.kind == ActionKind::I) is_split_[slot(a.stage, a.microbatch)] = 1;
    forward_only_ = is_forward_only(schedule);
    for (int k = 0; k < schedule.microbatches; ++k) measure(k);
  }

  // Earliest start + own work + shortest rest of one rank.
  double bound(const std::vector<Action>& order) const {
    double head = std::numeric_limits<double>::infinity(), tail = head;
    for (const Action& a : order) {
      const std::size_t at = slot(a.stage, a.microbatch);
      if (a.kind == ActionKind::F) {
        head = std::min(head, forward_head_[at]);
        tail = std::min(tail, forward_tail_[at]);
      } else {
        const bool ends_with_weight = a.kind == ActionKind::W || (cut_ && a.kind == ActionKind::B);
        tail = std::min(tail, ends_with_weight ? 0 : input_tail_[at]);
      }
    }
    return head + work_of(order, schedule_, costs_) + tail;
  }

  // A micro-batch alone.
  double longest() const {
    double most = 0;
    for (int k = 0; k < schedule_.microbatches; ++k)
      most = std::max(most, cost(0, ActionKind::F) + forward_tail_[slot(0, k)]);
    return most;
  }

 private:
  std::size_t slot(int stage, int microbatch) const {
    return static_cast<std::size_t>(stage) * static_cast<std::size_t>(schedule_.microbatches) +
           static_cast<std::size_t>(microbatch);
  }
  double cost(int stage, ActionKind kind) const {
    return cost_of(Action{stage, kind, 0}, schedule_, costs_);
  }

  // From stage to stage + 1, or back.
  double hop(int stage, int microbatch) const {
    return placement_.rank_of(stage, microbatch) == placement_.rank_of(stage + 1, microbatch)
               ? 0
               : costs_.C;
  }

  double backward(int stage, int microbatch) const {
    return cost(stage, is_split_[slot(stage, microbatch)] != 0 ? ActionKind::I : ActionKind::B);
  }

  void measure(int k) {
    const int last = schedule_.stages - 1;
    forward_head_[slot(0, k)] = 0;
    for (int s = 1; s <= last; ++s)
      forward_head_[slot(s, k)] =
          forward_head_[slot(s - 1, k)] + cost(s - 1, ActionKind::F) + hop(s - 1, k);
    for (int s = 0; s <= last; ++s) {
      const std::size_t at = slot(s, k);
      const double own_weight = is_split_[at] != 0 ? cost(s, ActionKind::W) : 0;
      const double up =
          s == 0 ? 0 : hop(s - 1, k) + backward(s - 1, k) + input_tail_[slot(s - 1, k)];
      input_tail_[at] = std::max(own_weight, up);
    }
    for (int s = last; s >= 0; --s) {
      const std::size_t at = slot(s, k);
      const double back = forward_only_ ? 0 : backward(s, k) + input_tail_[at];
      const double on =
          s == last ? 0 : hop(s, k) + cost(s + 1, ActionKind::F) + forward_tail_[slot(s + 1, k)];
      forward_tail_[at] = std::max(back, on);
    }
  }

  const Schedule& schedule_;
  const StagePlacement& placement_;
  const Costs& costs_;
  bool cut_, forward_only_ = false;
  std::vector<double> forward_head_, forward_tail_, input_tail_;
  std::vector<char> is_split_;
};

double lower_bound_of(const Schedule& schedule, const StagePlacement& placement, const Costs& costs,
                      bool cut) {
  const Chains chains(schedule, placement, costs, cut);
  double bound = chains.longest();
  for (const auto& order : schedule.ranks) bound = std::max(bound, chains.bound(order));
  return bound;
}

bool has_whole_backward(const Schedule& schedule) {
  for (const auto& order : schedule.ranks)
    for (const Action& a : order)
      if (a.kind == ActionKind::B) return true;
  return false;
}

// The upper limit keeps sums of millions of actions far from where doubles lose units.
void check_costs(const Costs& c, int stages) {
  const auto within = [](double cost) { return cost >= 0 && cost <= 1e9; };  // false for NaN
  if (!within(c.F) || c.F == 0 || !within(c.I) || !within(c.W) || !within(c.C))
    usage_error(text("costs F ", c.F, ", I ", c.I, ", W ", c.W, ", C ", c.C,
                     ": F must be above 0, the others at least 0, all at most 1e9"));
  if (!c.stages.empty() && c.stages.size() != static_cast<std::size_t>(stages))
    usage_error(text("costs of ", c.stages.size(), " stages for a schedule of ", stages));
  for (const Costs::Stage& stage : c.stages) check_costs({stage.F, stage.I, stage.W}, stages);
}

}  // namespace

Timing simulate(const Schedule& schedule, const Costs& costs) {
  check_costs(costs, schedule.stages);
  if (const std::string wrong = check_completeness(schedule); !wrong.empty())
    fail(ExitCode::wrong, wrong);
  const StagePlacement placement(schedule);
  Replay replayed = replay(schedule, placement, costs);
  if (!replayed.is_complete) fail(ExitCode::wrong, check_schedule(schedule));
  Timing timing{.ranks = std::move(replayed.ranks)};
  double most_work = 0;
  for (std::size_t r = 0; r < schedule.ranks.size(); ++r) {
    const double work = work_of(schedule.ranks[r], schedule, costs);
    const Interval first = timing.ranks[r].front(), last = timing.ranks[r].back();
    most_work = std::max(most_work, work);
    timing.makespan = std::max(timing.makespan, last.end);
    timing.span_bubble.push_back((last.end - first.start) / work - 1);
  }
  timing.bubble_over_ideal = timing.makespan / most_work - 1;
  timing.efficiency = most_work / timing.makespan;
  timing.bubble_over_total = 1 - timing.efficiency;
  count_in_flight(schedule, timing);
  timing.lower_bound = lower_bound_of(schedule, placement, costs, /*cut=*/false);
  timing.lower_bound_if_split = has_whole_backward(schedule)
                                    ? lower_bound_of(schedule, placement, costs, /*cut=*/true)
                                    : timing.lower_bound;
  if (timing.makespan < timing.lower_bound * (1 - 1e-9))
    fail(ExitCode::fault, text("the simulator finds ", timing.makespan, " for ", schedule.name,
                               ", below the lower bound ", timing.lower_bound));
  return timing;
}

}  // namespace shardpipe
