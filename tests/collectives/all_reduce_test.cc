// Every algorithm against Communicator::all_reduce, bit by bit, on integers: their sums are exact
// in any order. Rank r contributes 4^r and a number of the element, so that a wrong sum tells which
// rank was left out or counted twice.
#include <algorithm>
#include <map>

#include "tests/collectives/ways.h"
#include "tests/support/catch.h"
#include "tests/support/refuses.h"
#include "tests/support/usage_error.h"

namespace shardpipe {
namespace {

// bf16 counts exactly to 256: 1, 4, 16, 64 would do, but not eight powers; there all are small.
std::vector<float> contribution(int rank, Index size, DType dtype) {
  std::vector<float> v;
  for (Index i = 0; i < size; ++i) {
    const auto element = static_cast<float>((7 * i + 3 * rank) % 13);
    v.push_back(dtype == DType::bf16 ? element : element * static_cast<float>(1 << 2 * rank));
  }
  return v;
}

std::string differs(const std::string& way, int rank, const std::vector<float>& got,
                    const std::vector<float>& want) {
  for (std::size_t i = 0; i < got.size(); ++i)
    if (!(got[i] == want[i]))
      return text(way, ": rank ", rank, " has ", got[i], " at ", i, " of ", got.size(), ", not ",
                  want[i]);
  return "";
}

void compare_with_native(RankContext& ctx, Index size, DType dtype, ReduceOp op, Wrong& wrong) {
  const std::vector<float> mine = contribution(ctx.rank, size, dtype);
  const Tensor native = upload(ctx, mine, dtype);
  ctx.tp.all_reduce(native, op, ctx.compute);
  const std::vector<float> want = download(ctx, native);
  for (const Way& way : ways_of(ctx)) {
    const Tensor x = upload(ctx, mine, dtype);
    way.run(x, op);
    const std::string difference = differs(way.name, ctx.rank, download(ctx, x), want);
    wrong.expect(difference.empty(), [&] { return difference; });
  }
}

}  // namespace

TEST_CASE("all_reduce: every algorithm gives what the native one gives") {
  for (const int n : {1, 2, 3, 4, 5, 6, 7, 8})
    for (const DType dtype : {DType::f32, DType::i32, DType::bf16}) {
      Wrong wrong;
      run_on_cpu({.grid = {.tp = n}, .record_trace = false}, [&](RankContext& ctx) {
        for (const Index size : sizes_for(n))
          for (const ReduceOp op : {ReduceOp::sum, ReduceOp::max})
            compare_with_native(ctx, size, dtype, op, wrong);
      });
      INFO(n << " ranks, " << name_of(dtype));
      CHECK(wrong.first() == "");
    }
}

TEST_CASE("all_reduce keeps the shape and touches nothing beside a slice") {
  Wrong wrong;
  run_on_cpu({.grid = {.tp = 3}}, [&](RankContext& ctx) {
    for (const Way& way : ways_of(ctx)) {
      const Tensor all = upload(ctx, std::vector<float>(4 * 2 * 5, 1)).reshape({4, 2, 5});
      way.run(all.slice(1, 2), ReduceOp::sum);
      const std::vector<float> got = ctx.math.to_host(all, ctx.compute);
      for (std::size_t i = 0; i < got.size(); ++i)
        wrong.expect(got[i] == (i < 10 || i >= 30 ? 1 : 3),
                     [&] { return text(way.name, ": ", got[i], " at ", i); });
    }
  });
  CHECK(wrong.first() == "");
}

TEST_CASE("scratch memory is what the header says, and is gone afterwards") {
  constexpr int n = 4;
  constexpr Index size = 1024;  // even parts and halves
  constexpr std::int64_t S = 4 * size;
  const std::map<std::string, std::int64_t> most = {{"naive", S},
                                                    {"ring", 2 * S / n},
                                                    {"recursive_doubling", S},
                                                    {"halving_doubling", S / 2},
                                                    {"binomial_tree", S},
                                                    {"two_tree", S},
                                                    {"one_shot", (n - 1) * S},
                                                    {"two_shot", (n - 1) * S / n}};
  for (const AllReduceAlgorithm algorithm : flat_all_reduce_algorithms()) {
    const RunReport report = run_on_cpu({.grid = {.tp = n}}, [&](RankContext& ctx) {
      const Tensor x(ctx.device, {size});
      ctx.math.fill(x, 1, ctx.compute);
      ctx.begin_window();
      all_reduce(x, ReduceOp::sum, algorithm, collective_of(ctx));
      ctx.end_window();
    });
    std::int64_t peak = 0;
    for (const RankReport& rank : report.ranks) {
      peak = std::max(peak, rank.peak_bytes);
      CHECK(rank.live_bytes == 0);
    }
    INFO(name_of(algorithm));
    CHECK(peak - S == most.at(name_of(algorithm)));
  }
}

TEST_CASE("names: each is read back, another one is a usage error that lists them") {
  for (const AllReduceAlgorithm a : flat_all_reduce_algorithms())
    CHECK(parse_all_reduce_algorithm(name_of(a)) == a);
  CHECK(parse_all_reduce_algorithm("hierarchical") == AllReduceAlgorithm::hierarchical);
  for (const GatherAlgorithm a : gather_algorithms())
    CHECK(parse_gather_algorithm(name_of(a)) == a);
  CHECK(lacks(usage_message([] { parse_all_reduce_algorithm("rings"); }),
              {"'rings'", "ring, recursive_doubling", "hierarchical"}) == "");
  CHECK(lacks(usage_message([] { parse_gather_algorithm(""); }), {"ring, bruck, direct"}) == "");
}

TEST_CASE("hierarchical: needs full nodes, and an object of its own") {
  const auto nodes_of = [](int ranks) {
    return refuses("4 ranks do not fill nodes of ", [=] {
      run_on_cpu({.grid = {.tp = 4}},
                 [=](RankContext& ctx) { HierarchicalAllReduce(collective_of(ctx), ranks); });
    });
  };
  for (const int ranks : {1, 2, 4}) CHECK(!nodes_of(ranks));
  for (const int ranks : {0, -1, 3, 5}) CHECK(nodes_of(ranks));
  CHECK_THROWS_AS(run_on_cpu({.grid = {.tp = 2}},
                             [](RankContext& ctx) {
                               all_reduce(upload(ctx, {1}), ReduceOp::sum,
                                          AllReduceAlgorithm::hierarchical, collective_of(ctx));
                             }),
                  Error);
}

}  // namespace shardpipe
