// Day 2: the edges of split layers.                            ./lab check day02_edges
//
// Two linear layers y = x W^T + bias whose neighbours know nothing of ranks: both take x [T,D] and
// give y [T,F] whole and the same on every rank, and backward likewise dx from dy.
//
// The first is split by outputs: rank i holds W_i [F/t,D] and its part of the bias, and makes F/t
// columns of y, so its output is gathered. The second is split by inputs: rank i holds W_i [F,D/t]
// and the whole bias, and takes the D/t columns of x that go with them.
//
//   gathered: t = 3, F = 3, T = 2, one column of y a rank
//             rank 0    rank 1    rank 2         y, on every rank
//     y_i     17        5         2              17  5  2
//             7         2         11             7   2  11
//   A tensor lies row by row, so the parts are not y when they lie one behind another:
//   17 7 5 2 2 11. Backward rank 1 takes column 1 of dy, which every rank has whole; then
//   dx = dy W is a sum over all outputs, of which a rank has some.
//
//   split: t = 3, D = 3, T = 1         x = 2 1 4       W = 5 3 2, bias 7
//     x_i     2         1         4
//     y       28        28        28             2 * 5 + 1 * 3 + 4 * 2 + 7
//   Backward rank i makes its D/t columns of dx from the whole dy, and every rank wants all of dx.
//
// D and F are multiples of t where they are cut. There are more ranks than those of one
// tensor-parallel group: other groups hold other numbers.
// Allowed in the group, in numbers:       forward                    backward
//   gathered                              an all-gather of T F       an all-reduce of T D
//   split                                 an all-reduce of T F       an all-gather of T D
// and memory for the rank's part of a tensor and for all parts of it, beside what is given.
#include "exercises/day02_linear/day02_edges.h"

namespace shardpipe::answer {

void gathered_forward(Tensor y, const Tensor& x, const ColumnShard& shard, RankContext& ctx) {
  // >>> region 1: y = x W^T + bias, all columns of it on every rank (about 6 lines)
  not_written(1);
  // <<< region 1
}

void gathered_backward(Tensor dx, Tensor dy_part, const Tensor& dy, const ColumnShard& shard,
                       RankContext& ctx) {
  // >>> region 2: dy_part = own columns of dy; dx = dy W on every rank (about 4 lines)
  not_written(2);
  // <<< region 2
}

void split_forward(Tensor y, Tensor x_part, const Tensor& x, const RowShard& shard,
                   RankContext& ctx) {
  // >>> region 3: x_part = own columns of x; y = x W^T + bias on every rank (about 5 lines)
  not_written(3);
  // <<< region 3
}

void split_backward(Tensor dx, const Tensor& dy, const RowShard& shard, RankContext& ctx) {
  // >>> region 4: dx = dy W, all columns of it on every rank (about 5 lines)
  not_written(4);
  // <<< region 4
}

}  // namespace shardpipe::answer

extern "C" void shardpipe_answer(shardpipe::EdgesAnswer& answer) {
  answer = {.gathered_forward = shardpipe::answer::gathered_forward,
            .gathered_backward = shardpipe::answer::gathered_backward,
            .split_forward = shardpipe::answer::split_forward,
            .split_backward = shardpipe::answer::split_backward};
}
