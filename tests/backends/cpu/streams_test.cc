// The cpu backend's streams follow CUDA's rules, and its memory figures count program order.
#include <atomic>
#include <thread>
#include <vector>

#include "core/launch/launch.h"
#include "tests/support/catch.h"

namespace shardpipe {
namespace {

void submit(Stream& stream, std::function<void()> body) {
  stream.submit(OpInfo{.name = "test"}, std::move(body));
}

}  // namespace

TEST_CASE("operations of one stream run in the order of submission, more than its queue holds") {
  std::vector<int> order;
  run_on_cpu({}, [&](RankContext& ctx) {
    for (int i = 0; i < 5000; ++i) submit(ctx.compute, [&order, i] { order.push_back(i); });
  });
  REQUIRE(order.size() == 5000);
  for (int i = 0; i < 5000; ++i) REQUIRE(order[i] == i);
}

TEST_CASE("an event orders two streams; without it they are independent") {
  std::atomic<bool> gate{false}, free_ran{false}, ordered_ran{false}, ordered_too_early{false};
  run_on_cpu({}, [&](RankContext& ctx) {
    submit(ctx.compute, [&] {
      while (!gate.load()) std::this_thread::yield();
    });
    submit(ctx.comm, [&] { free_ran.store(true); });  // before the wait: runs while compute is held
    ctx.comm.wait(ctx.compute.record());              // the gate is open
    submit(ctx.comm, [&] {
      ordered_too_early.store(!gate.load());
      ordered_ran.store(true);
    });
    while (!free_ran.load()) std::this_thread::yield();
    for (int i = 0; i < 2000; ++i) std::this_thread::yield();  // chances to run out of order
    gate.store(true);
  });
  CHECK(ordered_ran.load());
  CHECK_FALSE(ordered_too_early.load());
}

TEST_CASE("an event of a later point does not hold back what was submitted before the wait") {
  std::vector<int> order;
  run_on_cpu({}, [&](RankContext& ctx) {
    submit(ctx.compute, [&] { order.push_back(1); });
    const Event first = ctx.compute.record();
    ctx.comm.wait(first);
    submit(ctx.comm, [&] { order.push_back(2); });
    ctx.compute.wait(ctx.comm.record());
    submit(ctx.compute, [&] { order.push_back(3); });
    ctx.compute.wait(Event());  // a point long past
  });
  CHECK(order == std::vector<int>{1, 2, 3});
}

TEST_CASE("live and peak bytes count handles in program order; a queued body keeps memory alive") {
  std::atomic<bool> gate{false};
  float seen = 0;
  std::int64_t live_with = 0, live_without = 0;
  const RunReport report = run_on_cpu({}, [&](RankContext& ctx) {
    {
      Tensor x(ctx.device, {1000});
      ctx.math.fill(x, 7, ctx.compute);
      submit(ctx.compute, [&, view = x.view()] {
        while (!gate.load()) std::this_thread::yield();
        seen = view.f32()[999];
      });
      live_with = ctx.device.memory().live_bytes();
    }  // the handle is dropped while the body still waits
    live_without = ctx.device.memory().live_bytes();
    Tensor y(ctx.device, {1000});
    ctx.math.fill(y, 1, ctx.comm);  // must not land in x's memory
    ctx.comm.synchronize();
    gate.store(true);
  });
  CHECK(live_with == 4000);
  CHECK(live_without == 0);
  CHECK(seen == 7);
  CHECK(report.ranks[0].peak_bytes == 4000);
  CHECK(report.ranks[0].live_bytes == 0);
  CHECK(report.ranks[0].physical_bytes >= 8000);
}

TEST_CASE("the window: counters, peak and wall time of what lies inside it") {
  const RunReport report = run_on_cpu({.grid = {.tp = 3}}, [](RankContext& ctx) {
    Tensor x(ctx.device, {256});
    ctx.math.fill(x, 1, ctx.compute);
    for (int i = 0; i < 5; ++i) ctx.tp.all_reduce(x, ctx.compute);
    ctx.begin_window();
    ctx.tp.all_reduce(x, ctx.compute);
    ctx.end_window();
    ctx.tp.all_reduce(x, ctx.compute);
  });
  for (const RankReport& rank : report.ranks) {
    REQUIRE(rank.communication.size() == 1);
    CHECK(rank.communication[0].calls == 1);
    CHECK(rank.peak_bytes == 1024);
  }
  CHECK(report.trace.wall_ns > 0);
  int all_reduces = 0;
  for (const Span& span : report.trace.spans) all_reduces += span.kind == OpKind::all_reduce;
  CHECK(all_reduces == 3);
}

}  // namespace shardpipe
