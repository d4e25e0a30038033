#include "core/schedule/exact_search.h"

#include <algorithm>
#include <limits>
#include <map>
#include <utility>

namespace shardpipe {
namespace {

using enum ActionKind;

constexpr double kNever = std::numeric_limits<double>::infinity();

struct Stage {
  int rank = 0;
  std::vector<double> forward_end = {}, input_end = {};  // of those done

  std::size_t forwards() const { return forward_end.size(); }
  std::size_t inputs() const { return input_end.size(); }
};

struct Rank {
  std::vector<int> stages;
  double free = 0;
  double not_before = 0;  // its next action must not start earlier: it is left idle
  int forwards = 0;       // done, of all its stages
  int weights = 0;
  std::vector<Action> inputs;  // done; the k-th W is that of the k-th of them
  std::vector<Action> order;

  int held() const { return forwards - weights; }
  int waiting() const { return static_cast<int>(inputs.size()) - weights; }  // W's
};

struct Move {
  int rank = 0;
  Action action = {};
  double start = kNever, end = kNever;
};

class Search {
 public:
  Search(const Placement& placement, int m, int most_held, const Costs& costs, double makespan)
      : m_(static_cast<std::size_t>(m)),
        chunks_(placement.chunks),
        most_held_(std::min(most_held, m * placement.chunks)),
        chain_(placement, costs),
        least_(makespan),
        ranks_(static_cast<std::size_t>(placement.ranks)) {
    for (const int r : placement.rank_of) {
      ranks_[static_cast<std::size_t>(r)].stages.push_back(static_cast<int>(stages_.size()));
      stages_.push_back({.rank = r});
    }
  }

  Searched run() {
    result_.is_complete = true;
    go_on();
    return std::move(result_);
  }

 private:
  Stage& stage(int s) { return stages_[static_cast<std::size_t>(s)]; }
  Rank& rank(int r) { return ranks_[static_cast<std::size_t>(r)]; }
  int last_stage() const { return static_cast<int>(stages_.size()) - 1; }
  double hop(int s) const { return chain_.hop[static_cast<std::size_t>(s)]; }
  int total(std::size_t each) const { return chunks_ * static_cast<int>(each); }

  void go_on() {
    if (++result_.orders > kMostSearchedOrders) result_.is_complete = false;
    if (!result_.is_complete || bound() >= least_ * (1 - 1e-9)) return;
    const std::vector<Move> all = possible();
    if (all.empty()) return keep_if_done();
    if (is_dominated()) return;
    const Move first = *std::min_element(
        all.begin(), all.end(), [](const Move& a, const Move& b) { return a.end < b.end; });
    for (const Move& move : all)
      if (move.rank == first.rank && (move.start < first.end || move.action == first.action))
        try_next(move);
    if (must_try_idle(first)) {
      const double before = std::exchange(rank(first.rank).not_before, first.end);
      go_on();
      rank(first.rank).not_before = before;
    }
  }

  // What can be next on each rank, the earliest first.
  std::vector<Move> possible() {
    std::vector<Move> all;
    const auto add = [&](int r, Action action, double start, double cost) {
      if (start != kNever && start >= rank(r).not_before)
        all.push_back({r, action, start, start + cost});
    };
    for (int r = 0; r < static_cast<int>(ranks_.size()); ++r) {
      const Rank& own = rank(r);
      for (const int s : own.stages) {
        add(r, {s, I, static_cast<int>(stage(s).inputs())}, start_of_input(s), chain_.i);
        if (own.held() < most_held_)
          add(r, {s, F, static_cast<int>(stage(s).forwards())}, start_of_forward(s), chain_.f);
      }
      if (own.waiting() == 0) continue;
      const Action& oldest = own.inputs[static_cast<std::size_t>(own.weights)];
      add(r, {oldest.stage, W, oldest.microbatch}, own.free, chain_.w);
    }
    std::stable_sort(all.begin(), all.end(),
                     [](const Move& a, const Move& b) { return a.start < b.start; });
    return all;
  }

  double start_of_forward(int s) {
    const std::size_t k = stage(s).forwards();
    if (k == m_) return kNever;
    if (s == 0) return rank(stage(s).rank).free;
    if (k == stage(s - 1).forwards()) return kNever;
    return std::max(rank(stage(s).rank).free, stage(s - 1).forward_end[k] + hop(s - 1));
  }

  double start_of_input(int s) {
    const std::size_t k = stage(s).inputs();
    if (k == stage(s).forwards()) return kNever;
    if (s == last_stage()) return rank(stage(s).rank).free;
    if (k == stage(s + 1).inputs()) return kNever;
    return std::max(rank(stage(s).rank).free, stage(s + 1).input_end[k] + hop(s));
  }

  bool must_try_idle(const Move& first) {
    const Rank& own = rank(first.rank);
    const int left = total(m_) - own.forwards;
    return first.action.kind == F && chunks_ > 1 && own.held() + left > most_held_;
  }

  void try_next(const Move& move) {
    Rank& own = rank(move.rank);
    const double free_before = std::exchange(own.free, move.end);
    own.order.push_back(move.action);
    if (move.action.kind == W) {
      ++own.weights;
      go_on();
      --own.weights;
    } else if (move.action.kind == F) {
      ++own.forwards;
      stage(move.action.stage).forward_end.push_back(move.end);
      go_on();
      stage(move.action.stage).forward_end.pop_back();
      --own.forwards;
    } else {
      own.inputs.push_back(move.action);
      stage(move.action.stage).input_end.push_back(move.end);
      go_on();
      stage(move.action.stage).input_end.pop_back();
      own.inputs.pop_back();
    }
    own.order.pop_back();
    own.free = free_before;
  }

  // Nothing can be next: all is done, in less time than the best so far, or memory is full of F's
  // whose I's cannot come, or a rank waits for what is left out.
  void keep_if_done() {
    double makespan = 0;
    Schedule found{.name = "search",
                   .stages = last_stage() + 1,
                   .microbatches = static_cast<int>(m_),
                   .chunks = chunks_};
    for (const Rank& own : ranks_) {
      if (own.weights < total(m_)) return;
      makespan = std::max(makespan, own.free);
      found.ranks.push_back(own.order);
    }
    least_ = makespan;
    result_.better = std::move(found);
  }

  // The least makespan of what begins like this.
  double bound() {
    double most = 0;
    std::vector<double> next(ranks_.size(), kNever);  // earliest start of the next I of a rank
    double input = 0;                                 // the same of the stage
    for (int s = last_stage(); s >= 0; --s) {
      if (stage(s).inputs() == m_) continue;
      input = s == last_stage() ? next_loss() : next_input(s, input);
      double& of_rank = next[static_cast<std::size_t>(stage(s).rank)];
      of_rank = std::min(of_rank, input);
    }
    for (std::size_t r = 0; r < ranks_.size(); ++r)
      most = std::max(most, rest_of(ranks_[r], next[r]));
    return most;
  }

  // When the last stage can do its next I: its F has ended, or will, from the last stage that has
  // done it on.
  double next_loss() {
    const std::size_t k = stage(last_stage()).inputs();
    int from = last_stage();
    while (from >= 0 && stage(from).forwards() <= k) --from;
    double end = from < 0 ? 0 : stage(from).forward_end[k];
    for (int s = from + 1; s <= last_stage(); ++s)
      end = std::max(rank(stage(s).rank).free, end + (s == 0 ? 0 : hop(s - 1))) + chain_.f;
    return std::max(end, rank(stage(last_stage()).rank).free);
  }

  // behind: when the stage behind can do its next I, if it has one.
  double next_input(int s, double behind) {
    const std::size_t k = stage(s).inputs();
    const double end = k < stage(s + 1).inputs() ? stage(s + 1).input_end[k] : behind + chain_.i;
    return std::max(rank(stage(s).rank).free, end + hop(s));
  }

  // Until its next I a rank can do the W's that wait and F's until its memory is full; behind its
  // last I no more W's than it holds.
  double rest_of(const Rank& own, double next) {
    double tail = kNever;
    for (const int s : own.stages)
      if (stage(s).inputs() < m_) tail = std::min(tail, chain_.tail[static_cast<std::size_t>(s)]);
    const int forwards = total(m_) - own.forwards, weights = total(m_) - own.weights;
    const int inputs = total(m_) - static_cast<int>(own.inputs.size());
    const double work = forwards * chain_.f + inputs * chain_.i + weights * chain_.w;
    if (inputs == 0) return own.free + work;
    const int more = std::min(forwards, most_held_ - own.held() + own.waiting());
    const double until = more * chain_.f + own.waiting() * chain_.w;
    return std::max(own.free, next - until) + work + std::max(0.0, tail - most_held_ * chain_.w);
  }

  // True if an order that did as much had every time that still counts no later; else keeps this
  // one. Where a rank is left idle neither is asked.
  bool is_dominated() {
    std::vector<int> done;
    std::vector<double> times;
    for (const Rank& own : ranks_) {
      if (own.not_before > own.free) return false;
      done.push_back(own.weights);
      times.push_back(own.free);
    }
    for (int s = 0; s <= last_stage(); ++s) {
      done.push_back(static_cast<int>(stage(s).forwards()));
      done.push_back(static_cast<int>(stage(s).inputs()));
      if (s < last_stage())
        add_pending(stage(s).forward_end, stage(s + 1).forwards(), s + 1, hop(s), times);
      if (s > 0) add_pending(stage(s).input_end, stage(s - 1).inputs(), s - 1, hop(s - 1), times);
    }
    std::vector<std::vector<double>>& others = seen_[done];
    for (const std::vector<double>& other : others)
      if (std::equal(other.begin(), other.end(), times.begin(),
                     [](double there, double here) { return there <= here; }))
        return true;
    others.push_back(std::move(times));
    return false;
  }

  // When the stage that has yet to take these outputs could do so.
  void add_pending(const std::vector<double>& ends, std::size_t taken, int to, double hop,
                   std::vector<double>& times) {
    for (std::size_t k = taken; k < ends.size(); ++k)
      times.push_back(std::max(rank(stage(to).rank).free, ends[k] + hop));
  }

  std::size_t m_;
  int chunks_, most_held_;
  DataChain chain_;
  double least_;
  std::vector<Stage> stages_;
  std::vector<Rank> ranks_;
  std::map<std::vector<int>, std::vector<std::vector<double>>> seen_;
  Searched result_;
};

}  // namespace

Searched search_orders(const Placement& placement, int m, int most_held, const Costs& costs,
                       double makespan) {
  return Search(placement, m, most_held, costs, makespan).run();
}

}  // namespace shardpipe
