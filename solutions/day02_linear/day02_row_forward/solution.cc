// Day 2: row-parallel forward with bias.                       ./lab check day02_row_forward
//
// A linear layer is y = x W^T + bias; W is [outputs, inputs]. Its inputs are split over t ranks:
// rank i holds some columns W_i [F,D/t] of W, and the same columns x_i [T,D/t] of x. Every rank
// holds the whole bias [F]. Afterwards every rank holds all of y [T,F].
//
//   t = 3, T = F = 1, bias 7      rank 0    rank 1    rank 2
//     x_i                         2         1         4
//     W_i                         5         3         2
//     x_i W_i^T                   10        3         8
//     y                           28        28        28           10 + 3 + 8 + 7
//
// There are more ranks than those of one tensor-parallel group: other groups hold other numbers.
// Allowed: one all-reduce of T F numbers in the group; no memory but what is given.
#include "exercises/day02_linear/day02_row_forward.h"

namespace shardpipe::answer {

void row_forward(Tensor y, const Tensor& x, const RowShard& shard, RankContext& ctx) {
  // >>> region 1: y = sum over ranks of x_i W_i^T, and the bias once, on all ranks (about 4 lines)
  ctx.math.gemm(y, x, Transpose::no, shard.weight, Transpose::yes, {}, ctx.compute);
  ctx.tp.all_reduce(y, ctx.compute);
  // After the sum: before it, the bias would be in it t times.
  ctx.math.add_bias(y, shard.bias, ctx.compute);
  // <<< region 1
}

}  // namespace shardpipe::answer

extern "C" void shardpipe_answer(shardpipe::RowForwardAnswer& answer) {
  answer = {.row_forward = shardpipe::answer::row_forward};
}
