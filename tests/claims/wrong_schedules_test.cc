// docs/claims/schedules has what the wrong answers of day06_1f1b write: the figures of docs/why are
// those of answers that are graded.
#include <algorithm>
#include <vector>

#include "core/base/data_root.h"
#include "core/base/error.h"
#include "core/schedule/schedule.h"
#include "labs/grade/exercise_file.h"
#include "tests/support/catch.h"

namespace shardpipe {
namespace {

using Order = std::vector<Action>;

// clang-format off
Order backward_reversed(int rank, int ranks, int microbatches) {
#include "solutions/day06_schedules/day06_1f1b/wrong/PP-BACKWARD-REVERSED.inc"
}
Order cooldown_reversed(int rank, int ranks, int microbatches) {
#include "solutions/day06_schedules/day06_1f1b/wrong/PP-COOLDOWN-REVERSED.inc"
}
Order flush_every_round(int rank, int ranks, int microbatches) {
#include "solutions/day06_schedules/day06_1f1b/wrong/PP-FLUSH-EVERY-ROUND.inc"
}
Order warmup_long(int rank, int ranks, int microbatches) {
#include "solutions/day06_schedules/day06_1f1b/wrong/PP-WARMUP-LONG.inc"
}
Order warmup_same([[maybe_unused]] int rank, int ranks, int microbatches) {
#include "solutions/day06_schedules/day06_1f1b/wrong/PP-WARMUP-SAME.inc"
}
Order warmup_same_longer([[maybe_unused]] int rank, int ranks, int microbatches) {
#include "solutions/day06_schedules/day06_1f1b/wrong/PP-WARMUP-SAME.2.inc"
}
Order warmup_short(int rank, int ranks, int microbatches) {
#include "solutions/day06_schedules/day06_1f1b/wrong/PP-WARMUP-SHORT.inc"
}
// clang-format on

struct Written {
  const char* file;
  Order (*order)(int rank, int ranks, int microbatches);
  int ranks = 3, microbatches = 6;
};
constexpr Written kWritten[] = {{"backward_reversed", backward_reversed},
                                {"backward_reversed_7", backward_reversed, 3, 7},
                                {"cooldown_reversed", cooldown_reversed},
                                {"cooldown_reversed_4_ranks", cooldown_reversed, 4, 9},
                                {"flush_every_round", flush_every_round},
                                {"warmup_long", warmup_long},
                                {"warmup_long_7", warmup_long, 3, 7},
                                {"warmup_same", warmup_same},
                                {"warmup_same_longer", warmup_same_longer},
                                {"warmup_short", warmup_short}};

std::string csv_of(const Written& written) {
  std::string csv;
  for (int rank = 0; rank < written.ranks; ++rank) {
    std::string row;
    for (const Action& a : written.order(rank, written.ranks, written.microbatches))
      row +=
          text(row.empty() ? "" : ",", a.stage, a.kind == ActionKind::F ? "F" : "B", a.microbatch);
    csv += row + "\n";
  }
  return csv;
}

}  // namespace

TEST_CASE("the wrong schedules that claims run are those of the wrong answers") {
  for (const Written& written : kWritten) {
    INFO(written.file);
    CHECK(csv_of(written) ==
          read_file(text(data_root(), "/docs/claims/schedules/", written.file, ".csv")));
  }
}

}  // namespace shardpipe
