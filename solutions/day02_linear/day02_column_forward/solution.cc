// Day 2: a linear layer split by its outputs.                  ./lab check day02_column_forward
//
// A linear layer is y = x W^T + bias: x [T,D] has a row for each token, W is [outputs, inputs],
// here [F,D], and y is [T,F]. It is split over t ranks by its outputs: the first F/t outputs belong
// to rank 0, the next F/t to rank 1, and so on. Rank i holds what they need, F/t rows of W and F/t
// numbers of the bias, and makes F/t columns of y. x is the same on every rank.
//
//   t = 3, F = 6, T = D = 1, x = 2
//     W (transposed)     5   3  |  2   0  |  1   4
//     bias               7   1  |  1   2  |  0   3
//                        rank 0    rank 1    rank 2
//     y                 17   7  |  5   2  |  2  11              2 * 5 + 7 = 17, 2 * 3 + 1 = 7, ...
//
// F is a multiple of t. There are more ranks than those of one tensor-parallel group: other groups
// hold other numbers.
// Allowed: no communication; no memory but what is given.
#include "exercises/day02_linear/day02_column_forward.h"

namespace shardpipe::answer {

void cut_columns(const ColumnShard& shard, const Tensor& weight, const Tensor& bias,
                 RankContext& ctx) {
  // >>> region 1: shard holds this rank's outputs: rows of weight, numbers of bias (about 4 lines)
  const Index outputs = weight.size(0) / ctx.tp.size();  // F/t
  const Index first = ctx.tp.rank() * outputs;
  ctx.math.copy(shard.weight, weight.slice(first, outputs), ctx.compute);
  ctx.math.copy(shard.bias, bias.slice(first, outputs), ctx.compute);
  // <<< region 1
}

void column_forward(Tensor y, const Tensor& x, const ColumnShard& shard, RankContext& ctx) {
  // >>> region 2: y = this rank's columns of x W^T + bias (about 2 lines)
  ctx.math.gemm(y, x, Transpose::no, shard.weight, Transpose::yes, {}, ctx.compute);
  ctx.math.add_bias(y, shard.bias, ctx.compute);
  // <<< region 2
}

}  // namespace shardpipe::answer

extern "C" void shardpipe_answer(shardpipe::ColumnForwardAnswer& answer) {
  answer = {.cut_columns = shardpipe::answer::cut_columns,
            .column_forward = shardpipe::answer::column_forward};
}
