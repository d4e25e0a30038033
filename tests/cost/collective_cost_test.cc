// The table of collective_cost.h, and its consequences that a planner relies on.
#include "core/cost/collective_cost.h"

#include <cmath>

#include "core/base/error.h"
#include "tests/support/catch.h"

namespace shardpipe {
namespace {

constexpr Algorithm kFlat[] = {Algorithm::ring, Algorithm::tree, Algorithm::one_shot,
                               Algorithm::two_shot, Algorithm::in_switch};
constexpr OpKind kCollectives[] = {OpKind::all_reduce, OpKind::all_gather, OpKind::reduce_scatter,
                                   OpKind::broadcast};

Method method_of(Algorithm algorithm) {
  return {.algorithm = algorithm, .base_s = 5e-6, .step_s = 2e-6, .bytes_per_s = 10e9};
}

}  // namespace

TEST_CASE("all_reduce is its closed form") {
  const double S = 3e6;
  // 6 ranks: 10 ring steps, lg 6 = 3.
  CHECK(all_reduce_s(S, 6, method_of(Algorithm::ring)) == Approx(5e-6 + 10 * 2e-6 + 5e6 / 10e9));
  CHECK(all_reduce_s(S, 6, method_of(Algorithm::tree)) == Approx(5e-6 + 6 * 2e-6 + 5e6 / 10e9));
  CHECK(all_reduce_s(S, 6, method_of(Algorithm::one_shot)) ==
        Approx(5e-6 + 1 * 2e-6 + 15e6 / 10e9));
  CHECK(all_reduce_s(S, 6, method_of(Algorithm::two_shot)) == Approx(5e-6 + 2 * 2e-6 + 5e6 / 10e9));
  CHECK(all_reduce_s(S, 6, method_of(Algorithm::in_switch)) ==
        Approx(5e-6 + 2 * 2e-6 + 3e6 / 10e9));
}

TEST_CASE("all_gather, reduce_scatter and broadcast have their closed forms") {
  for (const OpKind kind : {OpKind::all_gather, OpKind::reduce_scatter}) {
    CHECK(collective_s(kind, method_of(Algorithm::ring), 3, 6e6) ==
          Approx(5e-6 + 2 * 2e-6 + 4e6 / 10e9));
    CHECK(collective_s(kind, method_of(Algorithm::tree), 5, 5e6) ==
          Approx(5e-6 + 3 * 2e-6 + 4e6 / 10e9));
    CHECK(std::isinf(collective_s(kind, method_of(Algorithm::in_switch), 4, 1e6)));
  }
  const OpKind broadcast = OpKind::broadcast;
  CHECK(collective_s(broadcast, method_of(Algorithm::ring), 4, 1e6) == Approx(5e-6 + 6e-6 + 1e-4));
  CHECK(collective_s(broadcast, method_of(Algorithm::one_shot), 4, 1e6) ==
        Approx(5e-6 + 2e-6 + 3e-4));
}

TEST_CASE("an all_reduce that only sends and adds moves 2 (n-1)/n S bytes a rank or more") {
  for (const Algorithm a :
       {Algorithm::ring, Algorithm::tree, Algorithm::one_shot, Algorithm::two_shot})
    for (const int n : {2, 3, 7, 16})
      CHECK(traffic_of(OpKind::all_reduce, a, n, 1e6).bytes >= Approx(2.0 * (n - 1) / n * 1e6));
  CHECK(traffic_of(OpKind::all_reduce, Algorithm::in_switch, 16, 1e6).bytes == 1e6);
}

TEST_CASE("a ring all_reduce is a reduce_scatter and an all_gather") {
  for (const int n : {2, 3, 8}) {
    const Traffic all = traffic_of(OpKind::all_reduce, Algorithm::ring, n, 1e6);
    const Traffic half = traffic_of(OpKind::reduce_scatter, Algorithm::ring, n, 1e6);
    CHECK(all.steps == 2 * half.steps);
    CHECK(all.bytes == Approx(2 * half.bytes));
  }
}

TEST_CASE("one rank pays nothing, more bytes cost more") {
  for (const OpKind kind : kCollectives)
    for (const Algorithm a : kFlat) {
      CHECK(collective_s(kind, method_of(a), 1, 1e9) == 0);
      if (!has_traffic(kind, a)) continue;
      CHECK(collective_s(kind, method_of(a), 3, 0) > 0);
      double last_s = 0;
      for (double bytes = 1e3; bytes < 1e10; bytes *= 3) {
        const double s = collective_s(kind, method_of(a), 3, bytes);
        CHECK(s > last_s);
        last_s = s;
      }
    }
}

TEST_CASE("what the table lacks is refused") {
  CHECK_THROWS_AS(traffic_of(OpKind::all_gather, Algorithm::in_switch, 4, 1), Error);
  CHECK_THROWS_AS(traffic_of(OpKind::all_reduce, Algorithm::hierarchical, 4, 1), Error);
}

TEST_CASE("place counts nodes and the ranks of the fullest one") {
  const auto check = [](const std::vector<int>& ranks, int nodes, int per_node, bool even) {
    const Placement at = place(ranks, 4);
    CHECK(at.ranks == static_cast<int>(ranks.size()));
    CHECK(at.nodes == nodes);
    CHECK(at.ranks_per_node == per_node);
    CHECK(at.even() == even);
  };
  check({4, 5, 6, 7}, 1, 4, true);
  check({0, 4, 8}, 3, 1, true);
  check({2, 3, 4, 5}, 2, 2, true);
  check({0, 1, 2, 9}, 2, 3, false);
  check({9, 0, 1, 8}, 2, 2, true);  // not in order of nodes
  check({5}, 1, 1, true);
}

TEST_CASE("hierarchical adds its levels and pays one base") {
  const Method inside{
      .algorithm = Algorithm::ring, .base_s = 5e-6, .step_s = 1e-6, .bytes_per_s = 100e9};
  const Method between{
      .algorithm = Algorithm::hierarchical, .base_s = 7e-6, .step_s = 3e-6, .bytes_per_s = 10e9};
  const Placement at{.ranks = 12, .nodes = 3, .ranks_per_node = 4};
  const double S = 12e6;
  // Inside: 3 steps and 3/4 S, twice. Between: S/4 in a ring of 3, 4 steps and 4/3 of it.
  const double all_reduce_s = 7e-6 + 2 * (3 * 1e-6 + 9e6 / 100e9) + 4 * 3e-6 + 4.0 / 3 * 3e6 / 10e9;
  CHECK(hierarchical_s(OpKind::all_reduce, inside, between, at, S) == Approx(all_reduce_s));
  const double all_gather_s = 7e-6 + 3 * 1e-6 + 9e6 / 100e9 + 2 * 3e-6 + 2.0 / 3 * 3e6 / 10e9;
  CHECK(hierarchical_s(OpKind::all_gather, inside, between, at, S) == Approx(all_gather_s));
}

}  // namespace shardpipe
