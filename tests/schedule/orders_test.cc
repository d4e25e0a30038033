// What each rank does, action by action, as the papers and the systems in use print it.
#include <algorithm>

#include "core/schedule/builders.h"
#include "core/schedule/schedule.h"
#include "tests/support/catch.h"

namespace shardpipe {
namespace {

std::string order(const Schedule& s, int rank) {
  std::string out;
  for (const Action& a : s.ranks[static_cast<std::size_t>(rank)])
    out += (out.empty() ? "" : " ") + to_string(a);
  return out;
}

}  // namespace

TEST_CASE("order of gpipe: all forwards, then all backwards, from the first micro-batch on") {
  const Schedule s = build_schedule("gpipe", 4, 8, 1);
  for (int r = 0; r < 4; ++r) {
    std::string want;
    for (const char* kind : {"F", "B"})
      for (int k = 0; k < 8; ++k)
        want += (want.empty() ? "" : " ") + std::to_string(r) + kind + std::to_string(k);
    CHECK(order(s, r) == want);
  }
}

TEST_CASE("order of 1f1b: four ranks, eight micro-batches") {
  const Schedule s = build_schedule("1f1b", 4, 8, default_chunks("1f1b"));
  CHECK(order(s, 0) == "0F0 0F1 0F2 0F3 0B0 0F4 0B1 0F5 0B2 0F6 0B3 0F7 0B4 0B5 0B6 0B7");
  CHECK(order(s, 1) == "1F0 1F1 1F2 1B0 1F3 1B1 1F4 1B2 1F5 1B3 1F6 1B4 1F7 1B5 1B6 1B7");
  CHECK(order(s, 2) == "2F0 2F1 2B0 2F2 2B1 2F3 2B2 2F4 2B3 2F5 2B4 2F6 2B5 2F7 2B6 2B7");
  CHECK(order(s, 3) == "3F0 3B0 3F1 3B1 3F2 3B2 3F3 3B3 3F4 3B4 3F5 3B5 3F6 3B6 3F7 3B7");
}

TEST_CASE("order of interleaved_1f1b: four ranks, eight micro-batches") {
  const Schedule s = build_schedule("interleaved_1f1b", 4, 8, default_chunks("interleaved_1f1b"));
  CHECK(order(s, 0) ==
        "0F0 0F1 0F2 0F3 4F0 4F1 4F2 4F3 0F4 0F5 0F6 4B0 0F7 4B1 4F4 4B2 4F5 4B3 4F6 0B0 4F7 "
        "0B1 0B2 0B3 4B4 4B5 4B6 4B7 0B4 0B5 0B6 0B7");
  CHECK(order(s, 1) ==
        "1F0 1F1 1F2 1F3 5F0 5F1 5F2 5F3 1F4 5B0 1F5 5B1 1F6 5B2 1F7 5B3 5F4 1B0 5F5 1B1 5F6 "
        "1B2 5F7 1B3 5B4 5B5 5B6 5B7 1B4 1B5 1B6 1B7");
  CHECK(order(s, 2) ==
        "2F0 2F1 2F2 2F3 6F0 6F1 6F2 6B0 6F3 6B1 2F4 6B2 2F5 6B3 2F6 2B0 2F7 2B1 6F4 2B2 6F5 "
        "2B3 6F6 6B4 6F7 6B5 6B6 6B7 2B4 2B5 2B6 2B7");
  CHECK(order(s, 3) ==
        "3F0 3F1 3F2 3F3 7F0 7B0 7F1 7B1 7F2 7B2 7F3 7B3 3F4 3B0 3F5 3B1 3F6 3B2 3F7 3B3 7F4 "
        "7B4 7F5 7B5 7F6 7B6 7F7 7B7 3B4 3B5 3B6 3B7");
}

// Groups of 5, not of 4, and the same idea: torch's rule for 10 micro-batches on 4 ranks.
TEST_CASE("order of interleaved_1f1b: a group may be larger than the ranks") {
  const Schedule s = build_schedule("interleaved_1f1b", 4, 10, 2);
  CHECK(order(s, 3) ==
        "3F0 3F1 3F2 3F3 3F4 7F0 7B0 7F1 7B1 7F2 7B2 7F3 7B3 7F4 7B4 3F5 3B0 3F6 3B1 3F7 3B2 3F8 "
        "3B3 3F9 3B4 7F5 7B5 7F6 7B6 7F7 7B7 7F8 7B8 7F9 7B9 3B5 3B6 3B7 3B8 3B9");
  CHECK(build_schedule("interleaved_1f1b", 4, 10, 2, 5).ranks == s.ranks);
  CHECK(build_schedule("interleaved_1f1b", 4, 8, 2, 4).ranks ==
        build_schedule("interleaved_1f1b", 4, 8, 2).ranks);
}

TEST_CASE("order of zb_h1: four ranks, eight micro-batches") {
  const Schedule s = build_schedule("zb_h1", 4, 8, default_chunks("zb_h1"));
  CHECK(order(s, 0) ==
        "0F0 0F1 0F2 0F3 0I0 0W0 0F4 0I1 0W1 0F5 0I2 0W2 0F6 0I3 0W3 0F7 0I4 0W4 0I5 0W5 0I6 "
        "0W6 0I7 0W7");
  CHECK(order(s, 1) ==
        "1F0 1F1 1F2 1I0 1F3 1I1 1W0 1F4 1I2 1W1 1F5 1I3 1W2 1F6 1I4 1W3 1F7 1I5 1W4 1I6 1W5 "
        "1I7 1W6 1W7");
  CHECK(order(s, 2) ==
        "2F0 2F1 2I0 2F2 2I1 2F3 2I2 2W0 2F4 2I3 2W1 2F5 2I4 2W2 2F6 2I5 2W3 2F7 2I6 2W4 2I7 "
        "2W5 2W6 2W7");
  CHECK(order(s, 3) ==
        "3F0 3I0 3F1 3I1 3F2 3I2 3F3 3I3 3W0 3F4 3I4 3W1 3F5 3I5 3W2 3F6 3I6 3W3 3F7 3I7 3W4 "
        "3W5 3W6 3W7");
}

TEST_CASE("order of the small ones") {
  CHECK(order(build_schedule("naive", 2, 3, 1), 0) == "0F0 0B0 0F1 0B1 0F2 0B2");
  CHECK(order(build_schedule("forward_only", 2, 3, 1), 1) == "1F0 1F1 1F2");
  CHECK(order(build_schedule("eager_1f1b", 3, 6, 1), 0) ==
        "0F0 0F1 0F2 0F3 0F4 0B0 0F5 0B1 0B2 0B3 0B4 0B5");
  CHECK(order(build_schedule("eager_1f1b", 3, 6, 1), 1) ==
        "1F0 1F1 1F2 1B0 1F3 1B1 1F4 1B2 1F5 1B3 1B4 1B5");
  CHECK(order(build_schedule("looped_bfs", 2, 2, 2), 1) == "1F0 1F1 3F0 3F1 3B1 3B0 1B1 1B0");
  CHECK(order(build_schedule("zb_h2", 2, 4, 1), 0) ==
        "0F0 0F1 0F2 0I0 0W0 0F3 0I1 0W1 0I2 0W2 0I3 0W3");
  CHECK(order(build_schedule("zb_h2", 2, 4, 1), 1) ==
        "1F0 1I0 1F1 1I1 1F2 1I2 1W0 1F3 1I3 1W1 1W2 1W3");
}

TEST_CASE("order of the V's: two ranks, four micro-batches") {
  CHECK(order(build_schedule("zb_v", 2, 4, 2), 0) ==
        "0F0 0F1 0F2 3F0 3I0 3W0 3F1 3I1 3W1 0F3 0I0 0W0 3F2 3I2 3W2 0I1 0W1 3F3 3I3 3W3 0I2 0W2 "
        "0I3 0W3");
  CHECK(order(build_schedule("zb_v", 2, 4, 2), 1) ==
        "1F0 2F0 1F1 2F1 2I0 2W0 1F2 1I0 1W0 2F2 2I1 2W1 1F3 1I1 1W1 2F3 2I2 2W2 1I2 2I3 1I3 1W2 "
        "2W3 1W3");
  CHECK(order(build_schedule("dualpipe_v", 2, 4, 2), 0) ==
        "0F0 0F1 0F2 3F0 3I0 3W0 3F1 0F3 3B1 3F2 0B0 3B2 3F3 0B1 3B3 0I2 0W2 0I3 0W3");
  CHECK(order(build_schedule("dualpipe_v", 2, 4, 2), 1) ==
        "1F0 2F0 1F1 2F1 1F2 2B0 2F2 1B0 1F3 2B1 2F3 1B1 2B2 1B2 2I3 1I3 2W3 1W3");
}

TEST_CASE("interleaving one chunk is eager 1f1b, by definition") {
  for (const int p : {1, 2, 5})
    for (const int rounds : {1, 2, 4})
      CHECK(build_schedule("interleaved_1f1b", p, p * rounds, 1).ranks ==
            build_schedule("eager_1f1b", p, p * rounds, 1).ranks);
}

TEST_CASE("dualpipe is dualpipe_v twice: half the batch, from each end") {
  for (const int p : {2, 4, 6}) {
    const int m = 2 * p + 4;
    const Schedule both = build_schedule("dualpipe", p, m, 1);
    const Schedule half = build_schedule("dualpipe_v", p / 2, m / 2, 2);
    for (int r = 0; r < p; ++r) {
      const int folded = std::min(r, p - 1 - r);
      const auto& order = both.ranks[static_cast<std::size_t>(r)];
      const auto& halves = half.ranks[static_cast<std::size_t>(folded)];
      REQUIRE(order.size() == halves.size());
      for (std::size_t i = 0; i < order.size(); ++i) {
        CHECK(order[i].kind == halves[i].kind);
        CHECK(order[i].with_next == halves[i].with_next);
        CHECK(order[i].microbatch % (m / 2) == halves[i].microbatch);
        CHECK((order[i].stage == r) == (order[i].microbatch < m / 2));
      }
    }
  }
}

TEST_CASE("placement and the stages of a rank") {
  const Schedule looped = build_schedule("interleaved_1f1b", 4, 8, 2);
  CHECK(stages_of_rank(looped, 1) == std::vector<int>{1, 5});
  CHECK(rank_of(looped, 6, 3) == 2);
  const Schedule v = build_schedule("zb_v", 4, 8, 2);
  CHECK(stages_of_rank(v, 1) == std::vector<int>{1, 6});
  CHECK(rank_of(v, 7, 0) == 0);
  const Schedule dual = build_schedule("dualpipe", 4, 8, 1);
  CHECK(stages_of_rank(dual, 1) == std::vector<int>{1, 2});
  CHECK(rank_of(dual, 0, 3) == 0);
  CHECK(rank_of(dual, 0, 4) == 3);
  const StagePlacement placement(dual);
  for (int s = 0; s < 4; ++s)
    for (int k = 0; k < 8; ++k) CHECK(placement.rank_of(s, k) == (k < 4 ? s : 3 - s));
  CHECK(is_forward_only(build_schedule("forward_only", 4, 8, 1)));
  CHECK_FALSE(is_forward_only(dual));
}

}  // namespace shardpipe
