// How day02_whole_input is graded.
#include "exercises/day02_linear/day02_whole_input.h"

#include "labs/grade/day02/row_cases.h"
#include "labs/grade/graded_exercises.h"

namespace shardpipe {
namespace {

std::vector<DeviceCase> cases_of(const WholeInputAnswer& answer, std::uint64_t seed) {
  return row_cases(answer.whole_input_forward, seed, {.whole_x = true});
}

}  // namespace

std::unique_ptr<Graded> graded_whole_input() {
  return make_graded(cases_of, &WholeInputAnswer::whole_input_forward);
}

}  // namespace shardpipe
