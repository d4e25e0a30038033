// The fastest order under a limit of memory, held against figures of the literature, against every
// order where these can be tried, and against itself.
#include <algorithm>
#include <limits>

#include "core/base/error.h"
#include "core/schedule/auto_schedule.h"
#include "core/schedule/builders.h"
#include "core/schedule/checker.h"
#include "core/schedule/exact_search.h"
#include "core/schedule/limit_bound.h"
#include "core/schedule/zb_heuristic.h"
#include "tests/schedule/all_orders.h"
#include "tests/support/catch.h"
#include "tests/support/usage_error.h"

namespace shardpipe {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

double heuristic(int p, int m, int held, const Costs& costs) {
  const Schedule s = zb_heuristic(p, m, held, costs);
  const Timing t = simulate(s, costs);
  CHECK(check_schedule(s) == "");
  CHECK(most_held_by_a_rank(s, t) <= held);
  return t.makespan;
}

HeuristicFlags flags_of(int way) {
  return {.warms_up_into_gradient = (way & 1) != 0,
          .spares_forwards = (way & 2) != 0,
          .fills_short_waits = (way & 4) != 0};
}

// By search alone, from nothing; it must have gone to its end.
double searched(const Placement& placement, int m, int held, const Costs& costs) {
  const Searched found = search_orders(placement, m, held, costs, kNever);
  REQUIRE(found.is_complete);
  REQUIRE(found.better);
  const Timing t = simulate(*found.better, costs);
  CHECK(check_schedule(*found.better) == "");
  CHECK(most_held_by_a_rank(*found.better, t) <= held);
  return t.makespan;
}

std::string described(const Placement& placement, int m, int held, const Costs& c) {
  return text("p=", placement.ranks, " v=", placement.chunks, " stage 1 on rank ",
              placement.rank_of.size() > 1 ? placement.rank_of[1] : 0, " m=", m, " held ", held,
              " F=", c.F, " I=", c.I, " W=", c.W, " C=", c.C);
}

const std::vector<Costs> kCosts = {{1, 1, 1, 0}, {2, 3, 1, 0},      {61, 73, 44, 5},
                                   {1, 1, 1, 1}, {1, 0.5, 2, 0.25}, {2, 1, 0, 0.5}};

// Search and bound against every order.
void compare(const Placement& placement, int m, int held, const std::vector<Costs>& all = kCosts,
             Names names = Names::any) {
  for (const Costs& costs : all) {
    INFO(described(placement, m, held, costs));
    const double least = least_makespan(placement, m, held, costs, names);
    CHECK(searched(placement, m, held, costs) == Approx(least));
    CHECK(bound_under_limit(placement, m, held, costs) <= least * (1 + 1e-12));
  }
}

}  // namespace

TEST_CASE("the heuristic of zero bubble pipelines: its figures, and what is possible") {
  const Costs unit, other{2, 3, 1, 0};
  const Placement three = placements(3, 1).front();
  CHECK(heuristic(3, 3, 2, unit) == 15);
  CHECK(searched(three, 3, 2, unit) == 14);
  CHECK(heuristic(3, 3, 2, other) == 36);
  CHECK(searched(three, 3, 2, other) == 32);
  CHECK(heuristic(2, 3, 3, unit) == 10);
  CHECK(longest_span(simulate(zb_heuristic(2, 3, 3, unit), unit)) == 9);
}

TEST_CASE("with the memory of zb_h1 and of zb_h2 the heuristic is as fast as these") {
  for (int p = 1; p <= 6; ++p)
    for (const int m : {2 * p - 1, 2 * p + 1, 3 * p})
      for (const char* name : {"zb_h1", "zb_h2"}) {
        const Schedule hand = build_schedule(name, p, m, 1);
        const Timing t = simulate(hand, {});
        INFO(name << " p=" << p << " m=" << m);
        CHECK(heuristic(p, m, most_held_by_a_rank(hand, t), {}) == t.makespan);
      }
}

TEST_CASE("each of the eight ways of the heuristic is an order under the limit") {
  for (int way = 0; way < 8; ++way)
    for (const Costs& costs : kCosts)
      for (int held = 1; held <= 5; ++held) {
        const Schedule s = zb_heuristic(4, 6, held, costs, flags_of(way));
        INFO("way " << way << ", held " << held);
        CHECK(check_schedule(s) == "");
        CHECK(most_held_by_a_rank(s, simulate(s, costs)) <= held);
      }
}

TEST_CASE("each of the eight ways is as fast as that of the authors' program") {
  struct Case {
    int p, m, held;
    Costs costs;
    double makespans[8];
  };
  const std::vector<Case> cases = {
      // sail-sg/zero-bubble-pipeline-parallelism, zb.py, run
      {7, 10, 9, {61, 73, 44, 5}, {2302, 2330, 2302, 2322, 2400, 2500, 2356, 2512}},
      {8, 10, 9, {3, 1, 2, 0.25}, {84.75, 83.75, 85.25, 85.75, 86.5, 87, 86.5, 87.5}},
      {2, 5, 3, {1, 1, 1, 1}, {17, 17, 18, 18, 17, 17, 18, 18}},
      {3, 6, 5, {1, 2, 1, 0.5}, {29, 29, 28, 28, 29, 29, 28, 28}},
  };
  for (const Case& c : cases)
    for (int way = 0; way < 8; ++way) {
      INFO("p=" << c.p << " m=" << c.m << " held " << c.held << " way " << way);
      const Schedule s = zb_heuristic(c.p, c.m, c.held, c.costs, flags_of(way));
      CHECK(simulate(s, c.costs).makespan == c.makespans[way]);
    }
}

TEST_CASE("one stage a rank: the search finds what trying every order finds") {
  for (const auto& [p, m] : {std::pair{1, 3}, {2, 1}, {2, 2}, {3, 1}, {3, 2}, {4, 1}})
    for (int held = 1; held <= m; ++held) compare(placements(p, 1).front(), m, held);
  compare(placements(2, 1).front(), 3, 1);
  compare(placements(2, 1).front(), 3, 2);
}

TEST_CASE("two and three stages a rank, in a loop and in a V: the same") {
  for (const Placement& placement : placements(2, 2)) compare(placement, 1, placement.chunks);
  for (const Placement& placement : placements(3, 2)) compare(placement, 1, placement.chunks);
  for (const Placement& placement : placements(1, 2)) compare(placement, 2, placement.chunks + 1);
  compare(placements(2, 3).back(), 1, 3, {{1, 2, 0.5, 0.25}});
}

TEST_CASE("memory may be worth waiting for: an F now would take the room of one that comes later") {
  for (const Placement& placement : placements(2, 2))
    compare(placement, 2, 2, {{1, 1, 1, 0}, {61, 73, 44, 5}}, Names::in_order);
}

TEST_CASE("the choice is as fast as every builder within the limit, and says what it is worth") {
  for (const double limit : {1.0, 2.0, 3.0, 4.0, 5.5, 8.0}) {
    const AutoRequest request{.ranks = 4, .microbatches = 8, .memory_limit = limit};
    const AutoChoice choice = choose_schedule(request);
    INFO("limit " << limit);
    CHECK(choice.chosen.held <= limit);
    CHECK(choice.chosen.makespan == simulate(choice.schedule, {}).makespan);
    CHECK(choice.bound <= choice.chosen.makespan);
    CHECK(choice.is_optimal == (choice.bound == choice.chosen.makespan));
    for (const Candidate& one : choice.candidates)
      if (one.held <= limit) CHECK(one.makespan >= choice.chosen.makespan);
    const auto is_listed = [&](const std::string& name) {
      return std::any_of(choice.candidates.begin(), choice.candidates.end(),
                         [&](const Candidate& one) { return one.name == name; });
    };
    for (const std::string& name : schedule_names())
      CHECK(is_listed(name) == (name != "dualpipe" && name != "forward_only"));
  }
}

TEST_CASE("with the memory of 1f1b a V is as fast as any order, with three quarters of it, too") {
  const auto choice = [](double limit, int chunks) {
    return choose_schedule(
        {.ranks = 4, .microbatches = 8, .most_chunks = chunks, .memory_limit = limit});
  };
  CHECK(choice(4, 2).chosen.makespan == 25.5);
  CHECK(choice(4, 2).is_optimal);
  CHECK(choice(3, 2).chosen.makespan == 26.5);
  CHECK(choice(3, 2).is_optimal);
  CHECK(choice(3, 1).chosen.makespan == 31);
  CHECK(choice(3, 1).is_optimal);
  CHECK_FALSE(choice(2, 2).is_optimal);  // the search gives up, and says so
}

TEST_CASE("a chunk of a micro-batch counts its share") {
  // interleaved_1f1b holds eleven halves here.
  const auto fits = [](double limit) {
    const AutoChoice choice =
        choose_schedule({.ranks = 4, .microbatches = 8, .memory_limit = limit});
    for (const Candidate& one : choice.candidates)
      if (one.name == "interleaved_1f1b") return one.fits && one.held == 5.5;
    return false;
  };
  CHECK(fits(5.5));
  CHECK_FALSE(fits(5.4));
}

TEST_CASE("limits and sizes that are refused") {
  const auto refusal = [](AutoRequest request) {
    return usage_message([&] { choose_schedule(request); });
  };
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const double limit : {0.0, -1.0, 0.99, nan})
    CHECK(lacks(refusal({.ranks = 2, .microbatches = 2, .memory_limit = limit}),
                {"--memory-limit", "must be at least 1"}) == "");
  CHECK(lacks(refusal({.ranks = 0, .microbatches = 2}), {"--stages 0"}) == "");
  CHECK(lacks(refusal({.ranks = 2, .microbatches = -2}), {"--microbatches -2"}) == "");
  CHECK(lacks(refusal({.ranks = 2, .microbatches = 2, .most_chunks = 9}),
              {"--chunks 9 must be from 1 to 8"}) == "");
  CHECK(lacks(refusal({.ranks = 2147483647, .microbatches = 2147483647}), {"is more than 20000"}) ==
        "");
  CHECK(lacks(refusal({.ranks = 2, .microbatches = 2, .costs = {0, 1, 1, 0}}),
              {"F must be above 0"}) == "");
  CHECK(lacks(refusal({.ranks = 1, .microbatches = 2, .costs = {1, 1, 1, 0, {{2, 2, 2}}}}),
              {"equal stages"}) == "");
  CHECK(choose_schedule({.ranks = 2, .microbatches = 2, .memory_limit = kNever}).is_optimal);
}

}  // namespace shardpipe
