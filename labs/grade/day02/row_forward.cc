// How day02_row_forward is graded.
#include "exercises/day02_linear/day02_row_forward.h"

#include "labs/grade/day02/row_cases.h"
#include "labs/grade/graded_exercises.h"

namespace shardpipe {

std::unique_ptr<Graded> graded_row_forward() {
  return make_graded<RowForwardAnswer>(
      [](const RowForwardAnswer& answer, std::uint64_t seed) {
        return try_row_linear(answer.row_forward, seed);
      },
      &RowForwardAnswer::row_forward);
}

}  // namespace shardpipe
