// How day02_row_forward is graded.
#include "exercises/day02_linear/day02_row_forward.h"

#include "labs/grade/day02/row_cases.h"
#include "labs/grade/graded_exercises.h"

namespace shardpipe {
namespace {

std::vector<DeviceCase> cases_of(const RowForwardAnswer& answer, std::uint64_t seed) {
  return row_cases(answer.row_forward, seed);
}

}  // namespace

std::unique_ptr<Graded> graded_row_forward() {
  return make_graded(cases_of, &RowForwardAnswer::row_forward);
}

}  // namespace shardpipe
