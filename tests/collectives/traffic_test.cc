// Steps and bytes of each rank: the closed forms of traffic.h against the exchange counters.
#include <algorithm>
#include <bit>
#include <set>

#include "core/collectives/trees.h"
#include "tests/collectives/ways.h"
#include "tests/support/catch.h"

namespace shardpipe {
namespace {

Traffic counted(const std::vector<CommCount>& counts) {
  Traffic sum;
  for (const CommCount& c : counts) {
    REQUIRE(c.kind == OpKind::exchange);  // nothing but messages
    sum.steps += static_cast<int>(c.calls);
    sum.bytes += static_cast<double>(c.bytes);
  }
  return sum;
}

std::string words(Traffic t) { return text(t.steps, " steps, ", t.bytes, " bytes"); }

// Ranks of the modelled device run one after another in this thread, and count as others do.
struct FreeCosts : CostModel {
  std::int64_t duration_ns(const OpInfo&) const override { return 0; }
  std::int64_t launch_ns() const override { return 0; }
};

void check_ways(int n, Index size) {
  run_modelled({.grid = {.tp = n}, .record_trace = false}, FreeCosts(), [&](RankContext& ctx) {
    for (const DType dtype : {DType::f32, DType::bf16}) {
      const Tensor x(ctx.device, {size}, dtype);
      ctx.math.fill(x, 0, ctx.compute);
      for (const Way& way : ways_of(ctx)) {
        ctx.tp.counters().reset();
        way.run(x, ReduceOp::sum);
        INFO(way.name << ", rank " << ctx.rank << " of " << n << ", " << size << " elements");
        CHECK(words(counted(ctx.tp.counters().counts())) == words(way.traffic(size, dtype)));
      }
    }
  });
}

Traffic largest(AllReduceAlgorithm algorithm, int n, Index size) {
  Traffic most;
  for (int rank = 0; rank < n; ++rank) {
    const Traffic t = traffic_of(algorithm, {n, rank, size});
    most = {std::max(most.steps, t.steps), std::max(most.bytes, t.bytes)};
  }
  return most;
}

bool is_full_tree(int n, int tree) {
  std::set<int> reached;
  std::vector<int> open;
  for (int r = 0; r < n; ++r)
    if (two_tree_node(r, n, tree).parent < 0) open.push_back(r);
  if (open.size() != 1) return false;
  while (!open.empty()) {
    const int r = open.back();
    open.pop_back();
    if (!reached.insert(r).second) return false;
    for (const int child : two_tree_node(r, n, tree).children) {
      if (two_tree_node(child, n, tree).parent != r) return false;
      open.push_back(child);
    }
  }
  return static_cast<int>(reached.size()) == n;
}

}  // namespace

TEST_CASE("all_reduce: steps and bytes of every rank are the closed form") {
  for (const int n : {1, 2, 3, 4, 5, 6, 7, 8, 9, 16})
    for (const Index size : sizes_for(n)) check_ways(n, size);
}

TEST_CASE("all_gather and reduce_scatter: steps and bytes of every rank are the closed form") {
  for (const int n : {1, 2, 3, 4, 5, 6, 7, 8, 9, 16})
    for (const Index part : {0, 1, 100})
      run_modelled({.grid = {.tp = n}, .record_trace = false}, FreeCosts(), [&](RankContext& ctx) {
        const Tensor full(ctx.device, {n * part}), own(ctx.device, {part});
        ctx.math.fill(full, 0, ctx.compute);
        ctx.math.fill(own, 0, ctx.compute);
        for (const GatherAlgorithm algorithm : gather_algorithms()) {
          const Traffic want = traffic_of(algorithm, {n, ctx.rank, n * part});
          INFO(name_of(algorithm) << ", rank " << ctx.rank << " of " << n << ", part " << part);
          ctx.tp.counters().reset();
          all_gather(full, own, algorithm, collective_of(ctx));
          CHECK(words(counted(ctx.tp.counters().counts())) == words(want));
          ctx.tp.counters().reset();
          reduce_scatter(own, full, ReduceOp::sum, algorithm, collective_of(ctx));
          CHECK(words(counted(ctx.tp.counters().counts())) == words(want));
        }
      });
}

TEST_CASE("the busiest rank of even parts: the table of all_reduce.h") {
  for (const int n : {2, 4, 8, 16, 32}) {
    const int lg = std::bit_width(static_cast<unsigned>(n)) - 1;
    const Index size = 32 * 30;
    const double S = 4.0 * size;
    using enum AllReduceAlgorithm;
    CHECK(words(largest(naive, n, size)) == words({n, (n - 1) * S}));
    CHECK(words(largest(ring, n, size)) == words({2 * (n - 1), 2 * (n - 1) * S / n}));
    CHECK(words(largest(recursive_doubling, n, size)) == words({lg, lg * S}));
    CHECK(words(largest(halving_doubling, n, size)) == words({2 * lg, 2 * (n - 1) * S / n}));
    CHECK(words(largest(binomial_tree, n, size)) == words({2 * lg, lg * S}));
    CHECK(words(largest(one_shot, n, size)) == words({1, (n - 1) * S}));
    CHECK(words(largest(two_shot, n, size)) == words({2, 2 * (n - 1) * S / n}));
    CHECK(largest(two_tree, n, size).bytes <= 2 * S);
  }
}

TEST_CASE("the same algorithm costs the same here and in core/cost") {
  for (const int n : {2, 4, 8})
    for (const auto& [ours, theirs] :
         {std::pair{AllReduceAlgorithm::ring, Algorithm::ring},
          std::pair{AllReduceAlgorithm::halving_doubling, Algorithm::tree},
          std::pair{AllReduceAlgorithm::one_shot, Algorithm::one_shot},
          std::pair{AllReduceAlgorithm::two_shot, Algorithm::two_shot}}) {
      const Traffic a = traffic_of(ours, {n, 0, 960});
      const Traffic b = traffic_of(OpKind::all_reduce, theirs, n, 4 * 960);
      INFO(name_of(ours) << " on " << n);
      CHECK(a.steps == b.steps);
      CHECK(a.bytes == Approx(b.bytes));
    }
}

TEST_CASE("two_tree: two trees of all ranks; nobody has children in both") {
  for (int n = 2; n <= 40; ++n) {
    INFO(n << " ranks");
    CHECK(is_full_tree(n, 0));
    CHECK(is_full_tree(n, 1));
    for (int r = 0; r < n; ++r)
      CHECK((two_tree_node(r, n, 0).children.empty() || two_tree_node(r, n, 1).children.empty()));
  }
}

}  // namespace shardpipe
