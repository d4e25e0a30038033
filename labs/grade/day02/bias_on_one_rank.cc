// How day02_bias_on_one_rank is graded.
#include "exercises/day02_linear/day02_bias_on_one_rank.h"

#include "labs/grade/day02/row_cases.h"
#include "labs/grade/graded_exercises.h"

namespace shardpipe {
namespace {

std::vector<DeviceCase> cases_of(const BiasOnOneRankAnswer& answer, std::uint64_t seed) {
  return row_cases(answer.one_bias_forward, seed, {.bias_on_one = true});
}

}  // namespace

std::unique_ptr<Graded> graded_bias_on_one_rank() {
  return make_graded(cases_of, &BiasOnOneRankAnswer::one_bias_forward);
}

}  // namespace shardpipe
