#include "core/schedule/auto_schedule.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "core/base/error.h"
#include "core/schedule/builders.h"
#include "core/schedule/exact_search.h"
#include "core/schedule/limit_bound.h"
#include "core/schedule/zb_heuristic.h"

namespace shardpipe {
namespace {

constexpr int kMostChunks = 8;
constexpr std::int64_t kMostItems = 20'000;  // (stage, micro-batch) of one schedule
constexpr double kRounding = 1e-9;           // of sums that are equal

// Some copies of the weights more than one, or no backward: another problem.
bool is_comparable(const Schedule& schedule) {
  int stages = 0;
  for (int r = 0; r < schedule.num_ranks(); ++r)
    stages += static_cast<int>(stages_of_rank(schedule, r).size());
  return stages == schedule.stages && !is_forward_only(schedule);
}

// What a builder makes of these sizes, if it accepts them.
std::optional<Schedule> built(const std::string& name, int p, int m, int chunks) {
  // One stage in a "loop" is another schedule's work under its own name.
  if (chunks < default_chunks(name)) return {};
  try {
    return build_schedule(name, p, m, chunks);
  } catch (const Error& e) {
    if (e.code() != ExitCode::usage) throw;
    return {};
  }
}

class Comparison {
 public:
  explicit Comparison(const AutoRequest& request) : request_(request) {}

  AutoChoice run() {
    const int p = request_.ranks, m = request_.microbatches;
    for (int v = 1; v <= request_.most_chunks; ++v)
      for (const std::string& name : schedule_names())
        if (std::optional<Schedule> schedule = built(name, p, m, v))
          if (is_comparable(*schedule)) add(std::move(*schedule));
    add(zb_heuristic(p, m, most_held(1), request_.costs));
    double unsearched = std::numeric_limits<double>::infinity();  // bound of what was not searched
    for (const Placement& placement : placements(p, request_.most_chunks))
      unsearched = std::min(unsearched, search(placement));
    const double best = choice_.chosen.makespan;
    choice_.bound = std::min(best, unsearched);
    choice_.is_optimal = best <= unsearched * (1 + kRounding);
    if (best < lowest_bound_ * (1 - kRounding))
      fail(ExitCode::fault, text(choice_.chosen.name, " takes ", best,
                                 ", less than the bound under the limit, ", lowest_bound_));
    return std::move(choice_);
  }

 private:
  int most_held(int chunks) const {
    const double held = std::floor(request_.memory_limit * chunks * (1 + kRounding));
    return static_cast<int>(std::min(held, static_cast<double>(request_.microbatches * chunks)));
  }

  void add(Schedule schedule) {
    const Timing timing = simulate(schedule, request_.costs);
    const int peak = *std::max_element(timing.peak_in_flight.begin(), timing.peak_in_flight.end());
    const Candidate one{.name = schedule.name,
                        .chunks = schedule.chunks,
                        .makespan = timing.makespan,
                        .span = longest_span(timing),
                        .held = static_cast<double>(peak) / schedule.chunks,
                        .fits = peak <= most_held(schedule.chunks)};
    choice_.candidates.push_back(one);
    if (!one.fits || !is_better(one)) return;
    choice_.chosen = one;
    choice_.schedule = std::move(schedule);
  }

  bool is_better(const Candidate& one) const {
    const Candidate& best = choice_.chosen;
    if (choice_.schedule.ranks.empty() || one.makespan < best.makespan * (1 - kRounding))
      return true;
    return one.makespan <= best.makespan * (1 + kRounding) && one.held < best.held;
  }

  // A bound of the placement, where nobody knows that the best so far is not improved there.
  double search(const Placement& placement) {
    const int m = request_.microbatches, held = most_held(placement.chunks);
    const double bound = bound_under_limit(placement, m, held, request_.costs);
    lowest_bound_ = std::min(lowest_bound_, bound);
    if (static_cast<std::int64_t>(placement.rank_of.size()) * m > kMostSearched) return bound;
    Searched searched = search_orders(placement, m, held, request_.costs, choice_.chosen.makespan);
    if (searched.better) add(std::move(*searched.better));
    return searched.is_complete ? std::numeric_limits<double>::infinity() : bound;
  }

  const AutoRequest& request_;
  AutoChoice choice_;
  double lowest_bound_ = std::numeric_limits<double>::infinity();
};

void check(const AutoRequest& r) {
  if (!(r.memory_limit >= 1))  // NaN, too
    usage_error(text("--memory-limit ", r.memory_limit,
                     " must be at least 1: a rank holds the micro-batch that it works on"));
  if (r.ranks < 1) usage_error(text("--stages ", r.ranks, " must be at least 1"));
  if (r.microbatches < 1)
    usage_error(text("--microbatches ", r.microbatches, " must be at least 1"));
  if (r.most_chunks < 1 || r.most_chunks > kMostChunks)
    usage_error(text("--chunks ", r.most_chunks, " must be from 1 to ", kMostChunks));
  if (!r.costs.stages.empty()) usage_error("auto compares orders of equal stages");
  const auto items = static_cast<std::int64_t>(r.ranks) * r.microbatches;  // fits in 64 bits
  if (items > kMostItems / r.most_chunks)
    usage_error(text("--stages ", r.ranks, " x --microbatches ", r.microbatches, " x --chunks ",
                     r.most_chunks, " is more than ", kMostItems, ", the most that auto compares"));
}

}  // namespace

AutoChoice choose_schedule(const AutoRequest& request) {
  check(request);
  return Comparison(request).run();
}

}  // namespace shardpipe
