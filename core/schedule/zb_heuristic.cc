#include "core/schedule/zb_heuristic.h"

#include <algorithm>
#include <utility>

namespace shardpipe {
namespace {

using enum ActionKind;

class Heuristic {
 public:
  Heuristic(int p, int m, int most_held, const Costs& costs, const HeuristicFlags& flags)
      : p_(p), m_(m), most_held_(most_held), costs_(costs), flags_(flags) {
    for (int r = 0; r < p; ++r) ranks_.emplace_back(m);
  }

  Schedule run() {
    warm_up();
    for (int k = 1; k < m_; ++k) round();
    Schedule schedule{.name = "zb_heuristic", .stages = p_, .microbatches = m_};
    for (int r = 0; r < p_; ++r) {
      while (rank(r).has_weight()) put(r, W);
      schedule.ranks.push_back(std::move(rank(r).order));
    }
    return schedule;
  }

 private:
  struct Rank {
    explicit Rank(int m)
        : forward_end(static_cast<std::size_t>(m)), input_end(static_cast<std::size_t>(m)) {}

    int held() const { return forwards - weights; }
    bool has_weight() const { return weights < inputs; }

    int forwards = 0, inputs = 0, weights = 0;  // done
    double free = 0, waited = 0;                // waited: since its first F
    std::vector<double> forward_end, input_end;
    std::vector<Action> order;
  };

  Rank& rank(int r) { return ranks_[static_cast<std::size_t>(r)]; }

  // When the input of the next F or I is there. The neighbour must have done it.
  double arrival(int r, ActionKind kind) {
    if (kind == F && r > 0)
      return rank(r - 1).forward_end[static_cast<std::size_t>(rank(r).forwards)] + costs_.C;
    if (kind == I && r < p_ - 1)
      return rank(r + 1).input_end[static_cast<std::size_t>(rank(r).inputs)] + costs_.C;
    return 0;
  }

  void put(int r, ActionKind kind) {
    Rank& one = rank(r);
    int& done = kind == F ? one.forwards : kind == I ? one.inputs : one.weights;
    const double start = std::max(one.free, arrival(r, kind)), end = start + cost_of(kind, costs_);
    if (one.forwards > 0) one.waited += start - one.free;
    longest_wait_ = std::max(longest_wait_, one.waited);
    if (kind == F) one.forward_end[static_cast<std::size_t>(done)] = end;
    if (kind == I) one.input_end[static_cast<std::size_t>(done)] = end;
    one.free = end;
    one.order.push_back({r, kind, done++});
  }

  void warm_up() {
    for (int r = 0; r < p_; ++r) put(r, F);
    std::vector<int> more = forwards_until_gradient();
    for (int r = 1; r < p_; ++r) {  // a rank cannot have more than the one before it sends
      int& own = more[static_cast<std::size_t>(r)];
      const int before = more[static_cast<std::size_t>(r - 1)];
      if (1 + own < m_) own = std::min(own, std::max(0, before - 1));
    }
    for (int r = 0; r < p_; ++r)
      for (int n = more[static_cast<std::size_t>(r)]; n > 0; --n) put(r, F);
    for (int r = p_ - 1; r >= 0; --r) put(r, I);
  }

  // How many more F's each rank has room and time for before the gradient of micro-batch 0.
  std::vector<int> forwards_until_gradient() {
    std::vector<int> more(static_cast<std::size_t>(p_));
    double gradient = rank(p_ - 1).free + costs_.I + costs_.C;  // reaches the rank
    for (int r = p_ - 2; r >= 0; --r) {
      double free = rank(r).free;
      int& n = more[static_cast<std::size_t>(r)];
      while (1 + n < std::min(m_, most_held_)) {
        if (flags_.warms_up_into_gradient ? free >= gradient : free + costs_.F > gradient) break;
        free += costs_.F;
        ++n;
      }
      gradient = std::max(free, gradient) + costs_.I + costs_.C;
    }
    return more;
  }

  // One more F, if any, and one more I on each rank.
  void round() {
    bool is_wanted_behind = true;
    std::vector<char> wanted(static_cast<std::size_t>(p_));
    for (int r = p_ - 1; r >= 0; --r) {
      is_wanted_behind = is_wanted_behind && wants_forward(r);
      wanted[static_cast<std::size_t>(r)] = is_wanted_behind;
    }
    for (int r = 0; r < p_; ++r) {
      if (wanted[static_cast<std::size_t>(r)] == 0) continue;
      while (rank(r).held() >= most_held_) put(r, W);
      if (r > 0) fill_wait(r, arrival(r, F));
      put(r, F);
    }
    for (int r = p_ - 1; r >= 0; --r) {
      if (r < p_ - 1) fill_wait(r, arrival(r, I));
      while (r == 0 && rank(r).forwards == m_ && rank(r).has_weight()) put(r, W);
      put(r, I);
    }
  }

  bool wants_forward(int r) {
    const Rank& one = rank(r);
    if (one.forwards == m_) return false;
    if (!flags_.spares_forwards || r == p_ - 1) return true;
    const Rank& behind = rank(r + 1);
    if (one.forwards < behind.forwards + 2) return true;
    const double gradient =
        behind.free + costs_.F + costs_.I + costs_.C;  // the next one from there
    if (one.free >= gradient) return false;
    const int released = one.held() >= most_held_ && one.has_weight() ? 1 : 0;
    return one.free + costs_.F + released * costs_.W <= gradient ||
           gradient - one.free > longest_wait_ - one.waited;
  }

  // W's into the time until `end`, at which the next input is there.
  void fill_wait(int r, double end) {
    Rank& one = rank(r);
    while (one.has_weight() && one.free + costs_.W <= end) put(r, W);
    if (!one.has_weight() || one.free >= end) return;
    if (flags_.fills_short_waits || end - one.free > longest_wait_ - one.waited) put(r, W);
  }

  int p_, m_, most_held_;
  const Costs& costs_;
  HeuristicFlags flags_;
  std::vector<Rank> ranks_;
  double longest_wait_ = 0;
};

}  // namespace

Schedule zb_heuristic(int p, int m, int most_held, const Costs& costs,
                      const HeuristicFlags& flags) {
  return Heuristic(p, m, most_held, costs, flags).run();
}

Schedule zb_heuristic(int p, int m, int most_held, const Costs& costs) {
  Schedule best;
  std::pair<double, double> least;
  for (const bool into : {true, false})
    for (const bool spares : {true, false})
      for (const bool fills : {true, false}) {
        Schedule tried = zb_heuristic(p, m, most_held, costs, {into, spares, fills});
        const Timing timing = simulate(tried, costs);
        const std::pair now{timing.makespan, longest_span(timing)};
        if (!best.ranks.empty() && now >= least) continue;
        best = std::move(tried);
        least = now;
      }
  return best;
}

double longest_span(const Timing& timing) {
  double longest = 0;
  for (const auto& rank : timing.ranks)
    longest = std::max(longest, rank.back().end - rank.front().start);
  return longest;
}

}  // namespace shardpipe
