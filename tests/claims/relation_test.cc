// Relations: what they mean, and which could not fail.
#include "labs/claims/relation.h"

#include "tests/support/catch.h"
#include "tests/support/usage_error.h"

namespace shardpipe {
namespace {

const Json& run(const std::string& name) {
  static const Json document = *parse_json(R"json({
    "step_s": 0.012, "clock": "modelled", "wall_s": 0.0061,
    "ranks": [{"rank": 0, "peak_bytes": 40}, {"rank": 1, "peak_bytes": 30}],
    "communication": [{"group": "tp", "kind": "all_reduce", "calls": 4},
                      {"group": "tp", "kind": "all_gather", "calls": 2}],
    "tables": [{"columns": ["n", "tp", "step"],
                "rows": [["1", "2", "9 | 12"], ["1", "4", "7 us (33 %)"]],
                "numbers": [[[1], [2], [9, 12]], [[1], [4], [7e-6, 0.33]]]}]
})json");
  if (name != "run") usage_error(text("there is no command ", name));
  return document;
}

bool is_true(const std::string& words) {
  for (const Comparison& c : relation_of(words).comparisons)
    if (!holds(c, run)) return false;
  return true;
}

std::string idle(const std::string& words) {
  return idle_part(relation_of(words).comparisons.at(0), run);
}

std::string refused(const std::string& words) {
  return usage_message([&] { is_true(words); });
}

}  // namespace

TEST_CASE("figures are picked by key, index, members and cell") {
  CHECK(is_true("run.ranks[1].peak_bytes == 30"));
  CHECK(is_true("run.communication[kind=all_reduce, group=tp].calls == 4"));
  CHECK(is_true(R"(run.communication[kind="all_gather"].calls == 2)"));
  CHECK(is_true(R"(run.tables[0]["1", "2", "step", 1] == 12)"));
  CHECK(is_true(R"(run.tables[0]["1", "4", "step"] == 7 us)"));
  CHECK(is_true(R"(run.tables[0]["1", "4", "step", 1] == 33 %)"));
  CHECK(is_true(R"(run.clock == "modelled")"));
  CHECK_FALSE(is_true(R"(run.clock == "measured")"));
}

TEST_CASE("expressions follow the usual order, functions take all values of a figure") {
  CHECK(is_true("2 + 3 * 4 - 6 / 2 == 11"));
  CHECK(is_true("(2 + 3) * 4 == 20"));
  CHECK(is_true("max(run.ranks[*].peak_bytes) == 40"));
  CHECK(is_true("min(run.ranks[*].peak_bytes, 5) == 5"));
  CHECK(is_true("sum(run.ranks[*].peak_bytes) == 70 and count(run.ranks[*].rank) == 2"));
  CHECK(is_true("floor(7 / 2) == 3 and lg(8) == 3"));
  CHECK(is_true("exp(0 - 1) ~ 0.368 and log(exp(2)) == 2 and sqrt(128) ~ 11"));
  CHECK(is_true("1 < 2 <= 2 < 3"));
  CHECK_FALSE(is_true("1 < 2 < 2"));
}

TEST_CASE("~ compares at the precision shown, at most 5 % away") {
  CHECK(is_true("run.step_s ~ 12 ms"));
  CHECK(is_true("run.step_s / run.wall_s ~ 1.97"));
  CHECK_FALSE(is_true("run.step_s / run.wall_s ~ 1.96"));
  CHECK(is_true("run.step_s / run.wall_s ~ 2"));
  CHECK_FALSE(is_true("1.85 ~ 2"));
}

TEST_CASE("a relation has to be able to fail") {
  CHECK(idle("run.step_s ~ 12 ms") == "");
  CHECK(idle("run.step_s == 12 ms") == "");
  CHECK(idle("run.step_s > 8 ms") == "");
  CHECK(idle("run.step_s > run.wall_s") == "");
  CHECK(idle("run.step_s > 2 ms") == "every figure moved by a factor of two");
  CHECK(idle("run.step_s / run.step_s == 1") == "");
  CHECK(idle("run.ranks[0].rank == 0") == "");
  CHECK(idle("run.step_s * 0 == 0") == "a figure that does not matter");
  CHECK(idle("run.step_s >= run.step_s") == "its sign turned");
  CHECK(idle("16 * 2 == 32") == "");
  CHECK(idle("run.step_s + 1 ~ 1") == "every figure moved by 2 %");
}

TEST_CASE("what is no relation, or names no figure, is refused in one sentence") {
  for (const char* words : {"", "run.step_s", "1 <", "1 < 2 or 3", "(1 < 2", "f(1) < 2", "1 < $",
                            "run.ranks[ < 2", "run[\"a < 2", "1 < 2 and"})
    CHECK(lacks(refused(words), {"relation"}) == "");
  CHECK(lacks(refused("walk.step_s < 1"), {"no command walk"}) == "");
  CHECK(lacks(refused("run.nothing < 1"), {"nothing"}) == "");
  CHECK(lacks(refused("run.ranks[7].rank < 1"), {"run.ranks[7].rank", "fewer"}) == "");
  CHECK(lacks(refused("run.ranks[*].rank < 1"), {"2 values"}) == "");
  CHECK(lacks(refused("run.communication[kind=send].calls < 1"), {"no element"}) == "");
  CHECK(lacks(refused(R"(run.tables[0]["1", "step"] < 1)"), {"more than one row"}) == "");
  CHECK(lacks(refused(R"(run.tables[0]["9", "step"] < 1)"), {"no row"}) == "");
  CHECK(lacks(refused(R"(run.tables[0]["1", "2", "time"] < 1)"), {"no column"}) == "");
  CHECK(lacks(refused("run.clock < 1"), {"modelled"}) == "");
}

}  // namespace shardpipe
