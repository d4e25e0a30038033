// all_gather and reduce_scatter against the native ones, bit by bit, on integers.
#include "tests/collectives/ways.h"
#include "tests/support/catch.h"

namespace shardpipe {
namespace {

std::vector<float> numbers(int rank, Index size) {
  std::vector<float> v;
  for (Index i = 0; i < size; ++i)
    v.push_back(static_cast<float>((5 * i + rank) % 11) * static_cast<float>(1 << 2 * rank));
  return v;
}

void check_all_gather(RankContext& ctx, GatherAlgorithm algorithm, Index part, Wrong& wrong) {
  const int n = ctx.tp.size();
  const Tensor in = upload(ctx, numbers(ctx.rank, part));
  const Tensor want(ctx.device, {n, part}), got(ctx.device, {n, part}),
      aliased(ctx.device, {n, part});
  ctx.tp.all_gather(want, in, ctx.compute);
  all_gather(got, in, algorithm, collective_of(ctx));
  ctx.math.copy(flat(aliased.slice(ctx.rank, 1)), in, ctx.compute);
  all_gather(aliased, aliased.slice(ctx.rank, 1), algorithm, collective_of(ctx));
  const auto where = [&] { return text(name_of(algorithm), ": rank ", ctx.rank, ", part ", part); };
  wrong.expect(download(ctx, got) == download(ctx, want), where);
  wrong.expect(download(ctx, aliased) == download(ctx, want), where);
}

void check_reduce_scatter(RankContext& ctx, GatherAlgorithm algorithm, Index part, Wrong& wrong) {
  const int n = ctx.tp.size();
  const std::vector<float> mine = numbers(ctx.rank, n * part);
  const Tensor in = upload(ctx, mine).reshape({n, part}), want(ctx.device, {part}),
               got(ctx.device, {part});
  ctx.tp.reduce_scatter(want, in, ctx.compute);
  reduce_scatter(got, in, ReduceOp::sum, algorithm, collective_of(ctx));
  const auto where = [&] { return text(name_of(algorithm), ": rank ", ctx.rank, ", part ", part); };
  wrong.expect(download(ctx, got) == download(ctx, want), where);
  wrong.expect(download(ctx, in) == mine, [&] { return where() + " has changed its input"; });
  reduce_scatter(in.slice(ctx.rank, 1), in, ReduceOp::sum, algorithm, collective_of(ctx));
  wrong.expect(download(ctx, in.slice(ctx.rank, 1)) == download(ctx, want),
               [&] { return where() + " in place"; });
}

}  // namespace

TEST_CASE("all_gather and reduce_scatter: every algorithm gives what the native one gives") {
  for (const int n : {1, 2, 3, 4, 5, 6, 7, 8}) {
    Wrong wrong;
    run_on_cpu({.grid = {.tp = n}, .record_trace = false}, [&](RankContext& ctx) {
      for (const GatherAlgorithm algorithm : gather_algorithms())
        for (const Index part : {0, 1, 7, 125}) {
          check_all_gather(ctx, algorithm, part, wrong);
          check_reduce_scatter(ctx, algorithm, part, wrong);
        }
    });
    INFO(n << " ranks");
    CHECK(wrong.first() == "");
  }
}

TEST_CASE("reduce_scatter of a maximum") {
  constexpr int n = 5;
  Wrong wrong;
  run_on_cpu({.grid = {.tp = n}}, [&](RankContext& ctx) {
    for (const GatherAlgorithm algorithm : gather_algorithms()) {
      std::vector<float> mine;
      for (int i = 0; i < 3 * n; ++i)
        mine.push_back(static_cast<float>((i * 7 + ctx.rank * 3) % 5));
      const Tensor out(ctx.device, {3});
      reduce_scatter(out, upload(ctx, mine), ReduceOp::max, algorithm, collective_of(ctx));
      const std::vector<float> got = download(ctx, out);
      for (int i = 0; i < 3; ++i) {
        int want = 0;
        for (int r = 0; r < n; ++r) want = std::max(want, ((3 * ctx.rank + i) * 7 + r * 3) % 5);
        wrong.expect(got[static_cast<std::size_t>(i)] == static_cast<float>(want),
                     [&] { return text(name_of(algorithm), ": rank ", ctx.rank, " at ", i); });
      }
    }
  });
  CHECK(wrong.first() == "");
}

TEST_CASE("sizes and dtypes that do not fit are named") {
  const auto message_of = [](const RankProgram& program) -> std::string {
    try {
      run_on_cpu({.grid = {.tp = 2}}, program);
    } catch (const Error& e) {
      return e.what();
    }
    return "no error";
  };
  CHECK(message_of([](RankContext& ctx) {
          all_gather(upload(ctx, {1, 2, 3}), upload(ctx, {1}), GatherAlgorithm::ring,
                     collective_of(ctx));
        }).find("all_gather: 2 ranks of [1] f32 do not make [3] f32") != std::string::npos);
  CHECK(message_of([](RankContext& ctx) {
          reduce_scatter(upload(ctx, {1}, DType::bf16), upload(ctx, {1, 2}), ReduceOp::sum,
                         GatherAlgorithm::bruck, collective_of(ctx));
        }).find("2 ranks of [1] bf16 do not make [2] f32") != std::string::npos);
}

}  // namespace shardpipe
