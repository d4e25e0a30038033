// What lags and groups cost, exactly, on the machine of inference_time.h. Every run passes the race
// check of the modelled machine.
#include "tests/support/inference_time.h"

#include "tests/support/catch.h"

namespace shardpipe {

TEST_CASE("lag 1: a tick is the work and the message; g >= p groups leave no stage idle") {
  for (const int p : {1, 2, 3, 4})
    for (const int groups : {1, p, p + 1, 2 * p})
      for (const double latency : {0.0, 0.5, 2.0}) {
        INFO("p " << p << " g " << groups << " C " << latency);
        const double tick = p == 1 ? 1 : 1 + latency;
        // A stage works `groups` units a period: without latency all of it, if groups >= p, and
        // 1/p of it with a single group.
        CHECK((RingTimes{p, groups, false, latency}.period()) ==
              Approx(std::max(groups, p) * tick));
        const int ticks = DecodeRing(p, groups, 8, 1).ticks();
        CHECK((RingTimes{p, groups, false, latency}.makespan(8)) == Approx(ticks * tick));
      }
}

TEST_CASE("lag 2: with 2p groups, messages no longer than the work cost nothing") {
  for (const int p : {2, 3, 4})
    for (const int groups : {2 * p, 2 * p + 1})
      for (const double latency : {0.0, 0.5, 1.0, 2.0}) {
        INFO("p " << p << " g " << groups << " C " << latency);
        CHECK((RingTimes{p, groups, true, latency}.period()) ==
              Approx(groups * std::max(1.0, latency)));
      }
  // Every tick one unit, and at the end the last tokens on their way to the first stage.
  CHECK((RingTimes{4, 8, true, 1}.makespan(8)) == Approx(DecodeRing(4, 8, 8, 2).ticks() + 1));
}

TEST_CASE("with fewer groups than 2p, lag 2 waits for the way around: p works and p messages") {
  for (const int p : {2, 4})
    for (const int groups : {1, p})
      for (const double latency : {0.0, 0.5, 1.0})
        CHECK((RingTimes{p, groups, true, latency}.period()) == Approx(p * (1 + latency)));
}

}  // namespace shardpipe
