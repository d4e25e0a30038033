// A run that says what it has recorded while it goes on.
#include <chrono>
#include <future>
#include <utility>

#include "core/base/error.h"
#include "core/launch/launch.h"
#include "tests/support/catch.h"

namespace shardpipe {
namespace {

constexpr auto kFar = std::chrono::seconds(60);  // beyond it the test has failed

}  // namespace

TEST_CASE("what a run recorded is told while it goes on, and is the beginning of all of it") {
  std::promise<Trace> told;
  std::shared_future<Trace> early = told.get_future().share();
  bool is_told = false;  // of the one thread that tells
  RunOptions options{.grid = {.tp = 2}, .time_limit_s = 120, .progress_every_s = 0.001};
  options.on_progress = [&](const Trace& trace) {
    if (!std::exchange(is_told, true)) told.set_value(trace);
  };
  const RunReport report = run_on_cpu(options, [&](RankContext& ctx) {
    Tensor x(ctx.device, {64});
    ctx.math.fill(x, 1, ctx.compute);
    ctx.begin_window();
    for (int i = 0; i < 3; ++i) {
      ctx.tp.all_reduce(x, ctx.compute);
      ctx.compute.synchronize();
    }
    // The run does not end before it was heard of.
    if (early.wait_for(kFar) != std::future_status::ready) fail("nothing was told");
    ctx.math.fill(x, 0, ctx.compute);
    ctx.end_window();
  });
  const Trace first = early.get();
  CHECK(first.clock == "measured");
  CHECK(first.spans.size() >= 1);
  CHECK(first.spans.size() < report.trace.spans.size());
  // By lane, each span of then begins as one of now does.
  std::size_t found = 0;
  for (const Span& span : first.spans)
    for (const Span& later : report.trace.spans)
      found += later.posted_ns == span.posted_ns && later.end_ns == span.end_ns &&
               report.trace.lanes[static_cast<std::size_t>(later.lane)].rank ==
                   first.lanes[static_cast<std::size_t>(span.lane)].rank;
  CHECK(found == first.spans.size());
}

TEST_CASE("a listener that throws is not called again, and the run throws that in the end") {
  std::promise<void> told;
  auto heard = told.get_future().share();
  int calls = 0;
  RunOptions options{.grid = {.tp = 2}, .time_limit_s = 120, .progress_every_s = 0.001};
  options.on_progress = [&](const Trace&) {
    ++calls;
    told.set_value();
    usage_error("the disk is full");
  };
  CHECK_THROWS_WITH(run_on_cpu(options,
                               [&](RankContext& ctx) {
                                 ctx.begin_window();
                                 Tensor x(ctx.device, {64});
                                 ctx.math.fill(x, 1, ctx.compute);
                                 ctx.compute.synchronize();
                                 heard.wait_for(kFar);
                               }),
                    "the disk is full");
  CHECK(calls == 1);
}

}  // namespace shardpipe
