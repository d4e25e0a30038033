// Day 1: mend sums over the wrong group.                       ./lab check day01_world_group
//
// When this was written, a model was split over tensor-parallel ranks and nothing else. Each rank
// has a term of the output y, and all ranks together were the group. Then two more axes came: dp
// copies of the model, each with other data, and pp stages, each with other layers. Two tensors are
// to be summed now:
//
//   y   terms of one output of one layer: over the ranks that share this layer and this data
//   g   gradients of the weights that this rank holds: over the ranks that hold the same weights,
//       for other data
//
//   tp = 2, dp = 2      rank 0     rank 1     rank 2     rank 3
//     place             tp 0 dp 0  tp 1 dp 0  tp 0 dp 1  tp 1 dp 1
//     y brings          1          2          10         20
//     g brings          3          4          30         40
//     y is              33         33         33         33
//     g is              77         77         77         77
//     y should be       3          3          30         30
//     g should be       33         44         33         44
//
// With dp = 1 and pp = 1 y is right. g is not, since one copy need not sum it at all, but nobody
// looked at it. Allowed: one all-reduce of y and one of g.
#include "exercises/day01_collectives/day01_world_group.h"

namespace shardpipe::answer {

void sum_up(const Tensor& y, const Tensor& g, RankContext& ctx) {
  // >>> region 1: y and g, each summed over its own ranks (about 2 lines)
  ctx.tp.all_reduce(y, ctx.compute);
  ctx.dp.all_reduce(g, ctx.compute);
  // <<< region 1
}

}  // namespace shardpipe::answer

extern "C" void shardpipe_answer(shardpipe::WorldGroupAnswer& answer) {
  answer = {.sum_up = shardpipe::answer::sum_up};
}
