// How day02_bias_t_times is graded.
#include "exercises/day02_linear/day02_bias_t_times.h"

#include "labs/grade/day02/row_cases.h"
#include "labs/grade/graded_exercises.h"

namespace shardpipe {

std::unique_ptr<Graded> graded_bias_t_times() {
  return make_graded<BiasTTimesAnswer>(
      [](const BiasTTimesAnswer& answer, std::uint64_t seed) {
        return try_row_linear(answer.addmm_forward, seed);
      },
      &BiasTTimesAnswer::addmm_forward);
}

}  // namespace shardpipe
