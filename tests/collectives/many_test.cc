// Three ways to sum many tensors: the same bits, the calls and copies that their header says, and
// one is the fastest on either side of a break-even.
#include "core/collectives/many.h"

#include "core/cost/roofline.h"
#include "tests/collectives/ways.h"
#include "tests/support/catch.h"

namespace shardpipe {
namespace {

constexpr Index kSizes[] = {1, 7, 64, 1000, 3};

std::vector<Tensor> integers_of(RankContext& ctx) {
  std::vector<Tensor> all;
  for (const Index size : kSizes) {
    std::vector<float> values;
    for (Index i = 0; i < size; ++i)
      values.push_back(static_cast<float>((ctx.rank + 1) * (i % 11) - size % 5));
    all.push_back(upload(ctx, values));
  }
  return all;
}

std::int64_t modelled_ns(ManySums how, Index tensors, Index elements) {
  return run_modelled({.grid = {.tp = 8}}, RooflineModel(load_hardware("8xH100")),
                      [&](RankContext& ctx) {
                        std::vector<Tensor> all;
                        for (Index i = 0; i < tensors; ++i) {
                          all.emplace_back(ctx.device, Shape{elements}, DType::bf16);
                          ctx.math.fill(all.back(), 0, ctx.compute);
                        }
                        ctx.begin_window();
                        all_reduce_many(all, how, collective_of(ctx));
                        ctx.end_window();
                      })
      .trace.wall_ns;
}

}  // namespace

TEST_CASE("many sums: every way gives the sums of single all_reduces") {
  for (const int n : {1, 2, 3, 4})
    for (const ManySums how : all_many_sums()) {
      INFO(name_of(how) << ", " << n << " ranks");
      Wrong wrong;
      run_on_cpu({.grid = {.tp = n}}, [&](RankContext& ctx) {
        const std::vector<Tensor> want = integers_of(ctx), got = integers_of(ctx);
        for (const Tensor& x : want) ctx.tp.all_reduce(x, ctx.compute);
        all_reduce_many(got, how, collective_of(ctx));
        for (std::size_t i = 0; i < want.size(); ++i)
          wrong.expect(download(ctx, got[i]) == download(ctx, want[i]),
                       [&] { return text("rank ", ctx.rank, ", tensor ", i); });
      });
      CHECK(wrong.first() == "");
    }
}

TEST_CASE("many sums: calls counted") {
  for (const ManySums how : all_many_sums()) {
    const RunReport report = run_on_cpu({.grid = {.tp = 2}}, [&](RankContext& ctx) {
      all_reduce_many(integers_of(ctx), how, collective_of(ctx));
    });
    const std::vector<CommCount>& counts = report.ranks.at(0).communication;
    REQUIRE(counts.size() == 1);
    CHECK(counts[0].calls == (how == ManySums::separate ? 5 : 1));
    CHECK(counts[0].bytes == 4 * (1 + 7 + 64 + 1000 + 3));
  }
}

TEST_CASE("many sums: later collectives keep their turns") {
  const auto program = [](RankContext& ctx) {
    std::vector<Tensor> all = integers_of(ctx);
    ctx.tp.all_reduce(all[0], ctx.compute);
    all_reduce_many(all, ManySums::coalesced, collective_of(ctx));
    ctx.tp.all_reduce(all[1], ctx.compute);
  };
  CHECK_NOTHROW(run_on_cpu({.grid = {.tp = 2}}, program));
  CHECK_NOTHROW(run_modelled({.grid = {.tp = 2}}, RooflineModel(load_hardware("laptop")),
                             [](RankContext& ctx) {
                               const Tensor x(ctx.device, {8}), y(ctx.device, {4});
                               ctx.math.fill(x, 0, ctx.compute);
                               ctx.math.fill(y, 0, ctx.compute);
                               ctx.tp.all_reduce_coalesced({x, y}, ctx.compute);
                               ctx.tp.all_reduce(x, ctx.compute);
                             }));
}

TEST_CASE("many sums: tensors cut otherwise on another rank are told") {
  const auto program = [](RankContext& ctx) {
    const Index first = ctx.rank == 0 ? 8 : 4;
    const Tensor x(ctx.device, {first}), y(ctx.device, {12 - first});
    ctx.math.fill(x, 0, ctx.compute);
    ctx.math.fill(y, 0, ctx.compute);
    ctx.tp.all_reduce_coalesced({x, y}, ctx.compute);
  };
  CHECK_THROWS_AS(run_on_cpu({.grid = {.tp = 2}}, program), Error);
  CHECK_THROWS_AS(
      run_modelled({.grid = {.tp = 2}}, RooflineModel(load_hardware("laptop")), program), Error);
}

TEST_CASE("many sums: small tensors want one start, large ones no copies") {
  using enum ManySums;
  const Index k = 64;
  for (const Index small : {64, 4096}) {
    CHECK(modelled_ns(flattened, k, small) < modelled_ns(separate, k, small));
    CHECK(modelled_ns(coalesced, k, small) < modelled_ns(flattened, k, small));
  }
  const Index large = 64 << 20;
  CHECK(modelled_ns(flattened, k, large) > modelled_ns(separate, k, large));
  CHECK(modelled_ns(coalesced, k, large) < modelled_ns(separate, k, large));
}

}  // namespace shardpipe
