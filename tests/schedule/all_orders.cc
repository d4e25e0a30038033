#include "tests/schedule/all_orders.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace shardpipe {
namespace {

constexpr double kUnknown = -1;

struct Done {  // what one item of a rank, a micro-batch in one of its stages, has done: 0 to 3
  int stage = 0, microbatch = 0, steps = 0;
};

class RankOrders {
 public:
  RankOrders(std::vector<Done> items, int most_held, Names names)
      : items_(std::move(items)), most_held_(most_held), names_(names) {}

  std::vector<std::vector<Action>> all() {
    go_on(0);
    return std::move(all_);
  }

 private:
  void go_on(int held) {
    constexpr std::array kSteps = {ActionKind::F, ActionKind::I, ActionKind::W};
    if (order_.size() == 3 * items_.size()) all_.push_back(order_);
    for (std::size_t at = 0; at < items_.size(); ++at) {
      Done& item = items_[at];
      if (item.steps == 3 || (item.steps == 0 && held == most_held_) || !may_be_next(at)) continue;
      order_.push_back({item.stage, kSteps[static_cast<std::size_t>(item.steps)], item.microbatch});
      ++item.steps;
      go_on(held + (item.steps == 1) - (item.steps == 3));
      --item.steps;
      order_.pop_back();
    }
  }

  // Any order of stage 0's F's is the same one with other names.
  bool may_be_next(std::size_t at) const {
    const Done& item = items_[at];
    const bool has_order = names_ == Names::in_order || (item.stage == 0 && item.steps == 0);
    return !has_order || item.microbatch == 0 || items_[at - 1].steps > item.steps;
  }

  std::vector<Done> items_;  // those of a stage beside each other
  int most_held_;
  Names names_;
  std::vector<Action> order_;
  std::vector<std::vector<Action>> all_;
};

// The makespan of one order of each rank, or infinity where they wait for each other.
class Clock {
 public:
  Clock(const Placement& placement, int m, const Costs& costs)
      : placement_(placement), m_(m), costs_(costs) {}

  double run(const std::vector<const std::vector<Action>*>& ranks) {
    const std::size_t slots = placement_.rank_of.size() * static_cast<std::size_t>(m_);
    forward_.assign(slots, kUnknown);
    input_.assign(slots, kUnknown);
    std::vector<std::size_t> at(ranks.size());
    std::vector<double> free(ranks.size());
    for (bool moved = true; moved;) {
      moved = false;
      for (std::size_t r = 0; r < ranks.size(); ++r)
        while (at[r] < ranks[r]->size() && does((*ranks[r])[at[r]], free[r])) {
          ++at[r];
          moved = true;
        }
    }
    for (std::size_t r = 0; r < ranks.size(); ++r)
      if (at[r] < ranks[r]->size()) return std::numeric_limits<double>::infinity();
    return *std::max_element(free.begin(), free.end());
  }

 private:
  double& of(std::vector<double>& ends, int stage, int k) {
    return ends[static_cast<std::size_t>(stage * m_ + k)];
  }

  bool does(const Action& a, double& free) {
    const int last = static_cast<int>(placement_.rank_of.size()) - 1, v = placement_.chunks;
    if (a.kind == ActionKind::W) {
      free += costs_.W / v;
      return true;
    }
    const bool is_forward = a.kind == ActionKind::F;
    std::vector<double>& ends = is_forward ? forward_ : input_;
    const int from = is_forward ? a.stage - 1 : a.stage + 1;
    double ready = 0;
    if (from >= 0 && from <= last) {
      ready = of(ends, from, a.microbatch);
      if (ready == kUnknown) return false;
      const auto rank = [&](int s) { return placement_.rank_of[static_cast<std::size_t>(s)]; };
      if (rank(from) != rank(a.stage)) ready += costs_.C;
    }
    free = std::max(free, ready) + (is_forward ? costs_.F : costs_.I) / v;
    of(ends, a.stage, a.microbatch) = free;
    return true;
  }

  const Placement& placement_;
  int m_;
  const Costs& costs_;
  std::vector<double> forward_, input_;
};

}  // namespace

double least_makespan(const Placement& placement, int microbatches, int most_held,
                      const Costs& costs, Names names) {
  const auto p = static_cast<std::size_t>(placement.ranks);
  std::vector<std::vector<std::vector<Action>>> orders(p);
  for (std::size_t r = 0; r < p; ++r) {
    std::vector<Done> items;
    for (std::size_t s = 0; s < placement.rank_of.size(); ++s)
      for (int k = 0; k < microbatches && placement.rank_of[s] == static_cast<int>(r); ++k)
        items.push_back({.stage = static_cast<int>(s), .microbatch = k});
    orders[r] = RankOrders(std::move(items), most_held, names).all();
  }
  Clock clock(placement, microbatches, costs);
  double least = std::numeric_limits<double>::infinity();
  std::vector<std::size_t> chosen(p);
  for (;;) {  // counts through all combinations
    std::vector<const std::vector<Action>*> ranks;
    for (std::size_t r = 0; r < p; ++r) ranks.push_back(&orders[r][chosen[r]]);
    least = std::min(least, clock.run(ranks));
    std::size_t r = 0;
    while (r < p && ++chosen[r] == orders[r].size()) chosen[r++] = 0;
    if (r == p) return least;
  }
}

int most_held_by_a_rank(const Schedule& schedule, const Timing& timing) {
  int most = 0;
  for (std::size_t r = 0; r < schedule.ranks.size(); ++r) {
    std::vector<std::pair<double, int>> changes;  // at a time releases come first
    for (std::size_t i = 0; i < schedule.ranks[r].size(); ++i) {
      const ActionKind kind = schedule.ranks[r][i].kind;
      if (kind == ActionKind::F) changes.push_back({timing.ranks[r][i].start, 1});
      if (kind == ActionKind::B || kind == ActionKind::W)
        changes.push_back({timing.ranks[r][i].end, -1});
    }
    std::sort(changes.begin(), changes.end());
    int held = 0;
    for (const auto& [time, change] : changes) most = std::max(most, held += change);
  }
  return most;
}

}  // namespace shardpipe
