// Split layers between layers that are not split: what there is to write, and what it is given.
#pragma once

#include "exercises/day02_linear/column_linear.h"
#include "exercises/day02_linear/row_linear.h"

namespace shardpipe {

// x [T,D], y [T,F] and their gradients dx, dy are whole, and the same on every rank. What is given
// to be read is not changed.
struct EdgesAnswer {
  // A column-parallel linear whose output is gathered. y from x.
  void (*gathered_forward)(Tensor y, const Tensor& x, const ColumnShard& shard,
                           RankContext& ctx) = nullptr;
  // dx from dy; and dy_part [T,F/t], this rank's columns of dy: the gradient of the weight is
  // formed from them later.
  void (*gathered_backward)(Tensor dx, Tensor dy_part, const Tensor& dy, const ColumnShard& shard,
                            RankContext& ctx) = nullptr;
  // A row-parallel linear that takes its part of a whole input. y from x; and x_part [T,D/t], this
  // rank's columns of x, kept for the gradient of the weight.
  void (*split_forward)(Tensor y, Tensor x_part, const Tensor& x, const RowShard& shard,
                        RankContext& ctx) = nullptr;
  // dx from dy.
  void (*split_backward)(Tensor dx, const Tensor& dy, const RowShard& shard,
                         RankContext& ctx) = nullptr;
  // Everything runs on a stream: s = ctx.compute.
  //   ctx.math.gemm(out, a, op_a, b, op_b, {}, s)    out = op_a(a) op_b(b), Transpose::no or ::yes
  //   ctx.math.add_bias(y, bias, s)                  every row += bias
  //   ctx.math.copy_columns(out, k, in, l, count, s) columns k.. of out = columns l.. of in
  //   ctx.math.concat_columns(out, parts, s)         out [T,n*C] = parts [n,T,C] side by side
  //   ctx.math.split_columns(parts, in, s)           the inverse
  //   ctx.tp.rank(), ctx.tp.size()                   this rank's place in its tensor-parallel group
  //   ctx.tp.all_gather(parts, part, s)              parts [n,...] = part [...] of every rank
  //   ctx.tp.all_reduce(y, s)                        y = sum over the group of y
  //   ctx.tp.reduce_scatter(part, parts, s)          part = part `rank` of the sum of parts
  //   Tensor(ctx.device, {n, rows, columns})         scratch memory
};

}  // namespace shardpipe

// Written at the end of the answer: what the grader calls.
extern "C" [[gnu::visibility("default")]] void shardpipe_answer(shardpipe::EdgesAnswer& answer);
