// The rule of inference pipelines: nothing is used before it is made, no stage does two things at
// once, and with enough groups no stage idles.
#include "core/schedule/decode_ring.h"

#include <map>

#include "tests/support/catch.h"
#include "tests/support/refuses.h"
#include "tests/support/usage_error.h"

namespace shardpipe {
namespace {

// tick of (stage, round, group); empty and a sentence if an item is done twice or too often.
using Ticks = std::map<std::tuple<int, int, int>, int>;
Ticks ticks_of(const DecodeRing& ring) {
  Ticks at;
  for (int stage = 0; stage < ring.stages(); ++stage)
    for (int tick = 0; tick < ring.ticks() + 50; ++tick)
      if (const auto item = ring.item(stage, tick)) {
        const bool is_new = at.emplace(std::tuple(stage, item->round, item->group), tick).second;
        CHECK(is_new);
        CHECK(tick < ring.ticks());
      }
  return at;
}

}  // namespace

TEST_CASE("a ring does everything once, in an order that its messages allow") {
  for (const int p : {1, 2, 3, 5})
    for (const int groups : {1, 2, 3, 5, 6, 11})
      for (const int lag : {1, 2}) {
        const int rounds = 4, wait = p == 1 ? 1 : lag;
        const Ticks at = ticks_of(DecodeRing(p, groups, rounds, lag));
        INFO("p " << p << " g " << groups << " lag " << lag);
        REQUIRE(at.size() == static_cast<std::size_t>(p * groups * rounds));
        for (const auto& [item, tick] : at) {
          const auto [stage, round, group] = item;
          if (stage > 0) CHECK(tick >= at.at({stage - 1, round, group}) + wait);
          if (stage == 0 && round > 0) CHECK(tick >= at.at({p - 1, round - 1, group}) + wait);
        }
      }
}

TEST_CASE("no stage idles in steady state if there are enough groups") {
  for (const int p : {2, 3, 4})
    for (const int lag : {1, 2})
      for (int groups = 1; groups <= 2 * p + 2; ++groups) {
        const DecodeRing ring(p, groups, 5, lag);
        int idle = 0;  // stages and ticks of one period
        for (int stage = 0; stage < p; ++stage)
          for (int tick = 2 * ring.period(); tick < 3 * ring.period(); ++tick)
            idle += !ring.item(stage, tick);
        INFO("p " << p << " g " << groups << " lag " << lag);
        CHECK(idle == p * (ring.period() - groups));
        CHECK((idle == 0) == (groups >= p * lag));
      }
}

TEST_CASE("pictures of rings") {
  CHECK(draw(DecodeRing(3, 3, 9, 1), 9) ==
        "stage 0  012012012\n"
        "stage 1  .01201201\n"
        "stage 2  ..0120120\n");
  CHECK(draw(DecodeRing(3, 1, 9, 1), 9) ==
        "stage 0  0..0..0..\n"
        "stage 1  .0..0..0.\n"
        "stage 2  ..0..0..0\n");
  CHECK(draw(DecodeRing(2, 4, 2, 2), 11) ==
        "stage 0  01230123...\n"
        "stage 1  ..01230123.\n");
}

TEST_CASE("refusals of rings") {
  CHECK(lacks(usage_message([] { DecodeRing(2, 0, 1, 1); }), {"0 groups", "at least 1"}) == "");
  CHECK(lacks(usage_message([] { DecodeRing(2, 1, 1, 3); }), {"lag of 3", "allowed: 1, 2"}) == "");
}

TEST_CASE("a ring has one stage, group and token at least, and a lag of 1 or 2") {
  const auto refused = [](const char* words, int stages, int groups, int rounds, int lag) {
    return refuses(words, [&] { DecodeRing(stages, groups, rounds, lag); });
  };
  for (const int lag : {1, 2}) CHECK(!refused("", 1, 1, 1, lag));
  for (const int lag : {1, 2}) CHECK(!refused("", 2, 1, 1, lag));
  for (const int lag : {0, 3}) CHECK(refused("allowed: 1, 2", 2, 1, 1, lag));
  CHECK(refused("each must be at least 1", 0, 1, 1, 1));
  CHECK(refused("each must be at least 1", 1, 0, 1, 1));
  CHECK(refused("each must be at least 1", 1, 1, 0, 1));
}

}  // namespace shardpipe
