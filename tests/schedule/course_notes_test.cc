// Statements about pipelines that are often made and are wrong, beside what comes out.
#include "core/schedule/builders.h"
#include "core/schedule/checker.h"
#include "core/schedule/simulator.h"
#include "tests/support/catch.h"

namespace shardpipe {
namespace {

Timing timing_of(const char* name, int p, int m) {
  return simulate(build_schedule(name, p, m, 1), {});
}

}  // namespace

TEST_CASE("gpipe trains: forwards, backwards, a flush, and a bubble of (p-1)/(m+p-1)") {
  const Schedule s = build_schedule("gpipe", 4, 8, 1);
  CHECK(check_schedule(s).empty());
  CHECK_FALSE(is_forward_only(s));
  CHECK(timing_of("gpipe", 4, 8).bubble_over_total == Approx(3.0 / 11));
}

TEST_CASE("four stages, one batch: 75 % is wasted; 43 % needs four micro-batches") {
  CHECK(timing_of("gpipe", 4, 1).bubble_over_total == Approx(0.75));
  CHECK(timing_of("gpipe", 4, 4).bubble_over_total == Approx(0.43).margin(0.005));
  CHECK(timing_of("gpipe", 4, 4).efficiency == Approx(0.57).margin(0.005));
  CHECK(timing_of("gpipe", 4, 8).efficiency == Approx(0.73).margin(0.005));
}

TEST_CASE("1f1b does not shrink gpipe's bubble, it holds less") {
  const Timing gpipe = timing_of("gpipe", 4, 8), one = timing_of("1f1b", 4, 8);
  CHECK(one.makespan == gpipe.makespan);
  CHECK(gpipe.peak_in_flight == std::vector<int>{8, 8, 8, 8});
  CHECK(one.peak_in_flight == std::vector<int>{4, 3, 2, 1});
}

TEST_CASE("pipelines add throughput and never lower the latency of one request") {
  for (const int p : {1, 2, 4, 8}) {
    // The model is the same whole: p ranks hold 1/p of it each.
    const double share = 1.0 / p;
    const auto makespan = [&](int m) {
      return simulate(build_schedule("forward_only", p, m, 1), {share, share, share, 0}).makespan;
    };
    CHECK(makespan(1) == Approx(1));
    CHECK(makespan(16) == Approx((16 + p - 1) * share));
  }
}

TEST_CASE("bubble over ideal and bubble over total are two figures") {
  const Timing t = timing_of("1f1b", 4, 8);
  CHECK(t.bubble_over_ideal == Approx(0.375));
  CHECK(t.bubble_over_total == Approx(0.273).margin(0.0005));
}

}  // namespace shardpipe
