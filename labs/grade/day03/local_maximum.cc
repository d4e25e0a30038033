// How day03_local_maximum is graded.
#include "exercises/day03_block/day03_local_maximum.h"

#include "labs/grade/day03/loss_cases.h"
#include "labs/grade/graded_exercises.h"

namespace shardpipe {
namespace {

std::vector<DeviceCase> cases_of(const LocalMaximumAnswer& answer, std::uint64_t seed) {
  return loss_cases({.forward = answer.split_loss}, seed);
}

}  // namespace

std::unique_ptr<Graded> graded_local_maximum() {
  return make_graded(cases_of, &LocalMaximumAnswer::split_loss);
}

}  // namespace shardpipe
