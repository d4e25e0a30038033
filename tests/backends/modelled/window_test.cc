// The window that figures are taken over: its length, its trace, its counters and peaks.
#include "tests/backends/modelled/support.h"
#include "tests/support/catch.h"

namespace shardpipe {

TEST_CASE("modelled: the window opens when the last rank comes and closes when the last leaves") {
  const auto program = [](RankContext& ctx) {
    Tensor x(ctx.device, {6});
    work(ctx.compute, 10 * (ctx.rank + 1), {}, "warm up");
    ctx.tp.all_reduce(x, ctx.comm);
    ctx.begin_window();
    work(ctx.compute, 100 - 20 * ctx.rank, {}, "step");
    ctx.tp.all_reduce(x, ctx.comm);
    ctx.tp.all_reduce(x, ctx.comm);
    ctx.end_window();
    work(ctx.compute, 1000, {}, "after");
    ctx.tp.all_reduce(x, ctx.comm);
  };
  const RunReport report = run_modelled({.grid = {.tp = 3}}, AlphaBeta(5, 0), program);
  CHECK(report.trace.wall_ns == 100);
  CHECK(spans_of(report.trace, 1, "step").at(0).posted_ns == 0);
  CHECK(spans_of(report.trace, 1, "step").at(0).end_ns == 80);
  CHECK(spans_of(report.trace, 1, "warm up").empty());
  CHECK(spans_of(report.trace, 0, "after").empty());  // the last one to leave
  for (const RankReport& rank : report.ranks) {
    REQUIRE(rank.communication.size() == 1);
    CHECK(rank.communication[0].group == "tp");
    CHECK(rank.communication[0].calls == 2);
    CHECK(rank.communication[0].bytes == 2 * 24);
  }

  RunOptions untraced{.grid = {.tp = 3}};
  untraced.record_trace = false;
  const RunReport same = run_modelled(untraced, AlphaBeta(5, 0), program);
  CHECK(same.trace.spans.empty());
  CHECK(same.trace.wall_ns == 100);
}

TEST_CASE("modelled: a window that a deadlock ends lasts until the last host, and a quarter more") {
  RunOptions options{.grid = {.pp = 2}};
  Trace seen;
  options.on_failure = [&](Trace trace) { seen = std::move(trace); };
  const Failure failure = failure_of(
      options,
      [](RankContext& ctx) {
        Tensor x(ctx.device, {1});
        ctx.begin_window();
        if (ctx.rank == 0) recv(ctx.pp, 1, x, ctx.compute);  // which is not sent
        if (ctx.rank == 0)
          for (int i = 0; i < 9; ++i) work(ctx.compute, 1);
        ctx.compute.synchronize();
      },
      AlphaBeta(0, 0, /*host=*/10));
  CHECK(failure.code == ExitCode::deadlock);
  CHECK(seen.wall_ns == 100 + 25);  // ten launches
}

TEST_CASE("modelled: without a window the figures are of the whole run, all streams of it") {
  const RunReport report = run_modelled({.grid = {.dp = 3}}, AlphaBeta(), [](RankContext& ctx) {
    auto extra = ctx.device.make_stream("extra");
    work(ctx.compute, 10);
    work(*extra, ctx.rank == 1 ? 70 : 1);
  });
  CHECK(report.trace.wall_ns == 70);
  CHECK(spans_of(report.trace, 1, "work").size() == 2);
}

TEST_CASE("modelled: peak and live bytes count what the program holds, inside the window") {
  const RunReport report = run_modelled({.grid = {.tp = 3}}, AlphaBeta(), [](RankContext& ctx) {
    CHECK_FALSE(ctx.device.has_numbers());
    Tensor kept(ctx.device, {3, 5});           // 60 bytes
    { Tensor big(ctx.device, {1000, 1000}); }  // before the window
    ctx.begin_window();
    CHECK(kept.view().data == nullptr);
    for (int i = 0; i < 3; ++i) {
      Tensor a(ctx.device, {7, ctx.rank + 1}), b = a.slice(2, 3);  // 28 (rank + 1) bytes, once
      work(ctx.compute, 1, {b.write()});
    }
    ctx.end_window();
  });
  for (std::size_t rank = 0; rank < 3; ++rank) {
    CHECK(report.ranks[rank].peak_bytes == 60 + 28 * (static_cast<std::int64_t>(rank) + 1));
    CHECK(report.ranks[rank].live_bytes == 0);
    CHECK(report.ranks[rank].physical_bytes == 0);
  }
}

}  // namespace shardpipe
