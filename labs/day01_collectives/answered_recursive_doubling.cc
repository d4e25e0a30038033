#include "exercises/day01_collectives/day01_recursive_doubling.h"
#include "labs/answers.h"
#include "labs/day01_collectives/answered_collectives.h"

namespace shardpipe {

SumInPlace answered_recursive_doubling() {
  const auto answer = load_answer<RecursiveDoublingAnswer>("day01_recursive_doubling");
  return [answer](const Tensor& x, const CollectiveContext& on) {
    answer.any_number(x, answer.doubling, on);
  };
}

}  // namespace shardpipe
