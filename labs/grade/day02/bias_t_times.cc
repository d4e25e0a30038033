// How day02_bias_t_times is graded.
#include "exercises/day02_linear/day02_bias_t_times.h"

#include "labs/grade/day02/row_cases.h"
#include "labs/grade/graded_exercises.h"

namespace shardpipe {
namespace {

std::vector<DeviceCase> cases_of(const BiasTTimesAnswer& answer, std::uint64_t seed) {
  return row_cases(answer.addmm_forward, seed);
}

}  // namespace

std::unique_ptr<Graded> graded_bias_t_times() {
  return make_graded(cases_of, &BiasTTimesAnswer::addmm_forward);
}

}  // namespace shardpipe
