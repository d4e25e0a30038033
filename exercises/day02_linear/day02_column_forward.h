// Column-parallel linear, its shard and its forward: what there is to write, and what it is given.
#pragma once

#include "exercises/day02_linear/column_linear.h"

namespace shardpipe {

struct ColumnForwardAnswer {
  // Writes this rank's shard of the whole weight [F,D] and bias [F], which every rank has read from
  // a file. The tensors of the shard are there, and hold nothing yet.
  void (*cut_columns)(const ColumnShard& shard, const Tensor& weight, const Tensor& bias,
                      RankContext& ctx) = nullptr;
  // y [T,F/t], this rank's columns of the output, from x [T,D], which is the same on every rank.
  void (*column_forward)(Tensor y, const Tensor& x, const ColumnShard& shard,
                         RankContext& ctx) = nullptr;
  //   ctx.tp.rank(), ctx.tp.size()             this rank's place in its tensor-parallel group
  //   a.size(0)                                how many rows a has; of [F], how many numbers
  //   a.slice(first, count)                    rows first .. first + count - 1 of a (of [F], those
  //                                            numbers), no copy
  //   ctx.math.copy(out, in, ctx.compute)      out = in, of as many numbers
  //   ctx.math.gemm(out, a, Transpose::no, b, Transpose::yes, {}, ctx.compute)   out = a b^T
  //   ctx.math.add_bias(y, bias, ctx.compute)  every row += bias
};

}  // namespace shardpipe

// Written at the end of the answer: what the grader calls.
extern "C" [[gnu::visibility("default")]] void shardpipe_answer(
    shardpipe::ColumnForwardAnswer& answer);
