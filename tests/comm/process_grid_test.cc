// Groups against the two conventions in use, 8 ranks as tp 2 x pp 2 x dp 2.
#include "core/comm/process_grid.h"

#include "core/base/error.h"
#include "tests/support/catch.h"
#include "tests/support/refuses.h"

namespace shardpipe {

using Groups = std::vector<std::vector<int>>;

TEST_CASE("pipeline outermost (tp-dp-pp): the convention of Megatron-LM and DeepSpeed") {
  const ProcessGrid grid({.tp = 2, .pp = 2, .dp = 2}, parse_order("tp-dp-pp"));
  CHECK(grid.groups(Axis::tp) == Groups{{0, 1}, {2, 3}, {4, 5}, {6, 7}});
  CHECK(grid.groups(Axis::dp) == Groups{{0, 2}, {1, 3}, {4, 6}, {5, 7}});
  CHECK(grid.groups(Axis::pp) == Groups{{0, 4}, {1, 5}, {2, 6}, {3, 7}});
}

TEST_CASE("data outermost (tp-pp-dp): the convention of picotron and vLLM") {
  const ProcessGrid grid({.tp = 2, .pp = 2, .dp = 2}, parse_order("tp-pp-dp"));
  CHECK(grid.groups(Axis::tp) == Groups{{0, 1}, {2, 3}, {4, 5}, {6, 7}});
  CHECK(grid.groups(Axis::pp) == Groups{{0, 2}, {1, 3}, {4, 6}, {5, 7}});
  CHECK(grid.groups(Axis::dp) == Groups{{0, 4}, {1, 5}, {2, 6}, {3, 7}});
}

TEST_CASE("coordinates and ranks are inverse, and groups partition the ranks, in every order") {
  for (const char* name :
       {"tp-pp-dp", "tp-dp-pp", "pp-tp-dp", "pp-dp-tp", "dp-tp-pp", "dp-pp-tp"}) {
    const ProcessGrid grid({.tp = 2, .pp = 3, .dp = 4}, parse_order(name));
    CHECK(to_string(grid.order()) == name);
    for (int rank = 0; rank < 24; ++rank) {
      const GridCoord c = grid.coord_of(rank);
      CHECK(grid.rank_of(c) == rank);
      CHECK(grid.group_of(rank, Axis::tp)[c.tp] == rank);
      CHECK(grid.group_of(rank, Axis::pp)[c.pp] == rank);
      CHECK(grid.group_of(rank, Axis::dp)[c.dp] == rank);
    }
    for (const Axis axis : {Axis::tp, Axis::pp, Axis::dp}) {
      std::vector<int> seen(24, 0);
      for (const auto& group : grid.groups(axis))
        for (const int rank : group) ++seen[rank];
      CHECK(seen == std::vector<int>(24, 1));
    }
  }
}

TEST_CASE("wrong orders and sizes are usage errors") {
  for (const char* name : {"", "tp", "tp-dp", "tp-tp-pp", "tp-dp-pp-", "pp_dp_tp"})
    CHECK_THROWS_AS(parse_order(name), Error);
  const auto refused = [](const char* words, GridShape shape) {
    return refuses(words, [&] { ProcessGrid(shape, kDefaultOrder); });
  };
  CHECK(!refused("", {.tp = 1, .pp = 1, .dp = 1}));
  CHECK(refused("--tp 0: must be at least 1", {.tp = 0}));
  CHECK(refused("--pp 0: must be at least 1", {.pp = 0}));
  CHECK(refused("--dp 0: must be at least 1", {.dp = 0}));
  CHECK(refused("--pp -1: must be at least 1", {.tp = 2, .pp = -1}));
}

}  // namespace shardpipe
