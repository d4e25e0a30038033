#include "exercises/day01_collectives/day01_all_reduce.h"
#include "labs/answers.h"
#include "labs/day01_collectives/answered_collectives.h"

namespace shardpipe {

SumInPlace answered_all_reduce() {
  return [sum = load_answer<AllReduceAnswer>("day01_all_reduce").sum](const Tensor& x,
                                                                      const CollectiveContext& on) {
    sum(x, {kit_reduce_scatter, kit_all_gather}, on);
  };
}

}  // namespace shardpipe
