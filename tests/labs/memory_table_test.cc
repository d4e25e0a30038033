// The table of pp-memory: its figures are those of core/plan, and predicted is measured.
#include "labs/day06_schedules/memory_table.h"

#include "tests/support/catch.h"

namespace shardpipe {
namespace {

const MemoryQuestion kQuestion = {
    .config = {.layers = 4, .hidden = 32, .ffn = 64, .vocabulary = 50, .sequence = 16},
    .grid = {.tp = 2, .pp = 2},
    .options = {.microbatches = 4},
    .tokens = 32,
    .schedules = {"gpipe", "1f1b", "zb_v", "interleaved_1f1b"}};

LabTable table_of(const MemoryQuestion& q) {
  return memory_table(
      q, [&](const RankProgram& program) { return run_on_cpu({.grid = q.grid}, program); });
}

}  // namespace

TEST_CASE("memory table: a row for every schedule, and predicted is measured") {
  const LabTable table = table_of(kQuestion);
  REQUIRE(table.rows.size() == 4);
  const std::vector<std::string> in_flight = {"4 4", "2 1", "4 4", "5 3"};
  for (std::size_t i = 0; i < 4; ++i) {
    const auto& row = table.rows[i];
    REQUIRE(row.size() == table.columns.size());
    CHECK(row[0] == kQuestion.schedules[i]);
    CHECK(row[1] == in_flight[i]);
    CHECK(row[7] == row[8]);
    CHECK(row[9] == "0 %");
  }
}

TEST_CASE("memory table: gpipe stashes more than 1f1b; schedules that do not exist are left out") {
  MemoryQuestion q = kQuestion;
  q.options.microbatches = 3;
  q.schedules.push_back("v_half");
  const LabTable table = table_of(q);
  REQUIRE(table.rows.size() == 4);  // v_half wants 4 micro-batches
  CHECK(std::stod(table.rows[0][5]) > std::stod(table.rows[1][5]));
}

}  // namespace shardpipe
