// Backward of a column-parallel linear, whose sum passes under the other product: what there is to
// write, and what it is given. Letters: T tokens, D inputs, F outputs, t tensor-parallel ranks.
// Weights are [outputs, inputs].
#pragma once

#include "core/context/rank_context.h"
#include "exercises/not_written.h"

namespace shardpipe {

struct DxUnderDwAnswer {
  // dx [T,D], the same on every rank = sum over ranks of dy_i W_i;
  // weight_grad [F/t,D] += dy_i^T x, in which the gradients of earlier micro-batches are.
  // dy [T,F/t] and weight [F/t,D] are this rank's; x [T,D] is the same on every rank.
  //   ctx.compute, ctx.comm                  two streams, ordered by events alone:
  //   ctx.comm.wait(ctx.compute.record())    what comm is given from now on runs after all that
  //                                          compute was given so far; and the other way round
  //   ctx.math.gemm(out, a, op_a, b, op_b, {.beta = 0}, s)   out = op_a(a) op_b(b) + beta out,
  //                                     op: Transpose::no or Transpose::yes
  //   ctx.tp.all_reduce(dx, s)          dx = sum over the tensor-parallel group of dx
  void (*column_backward)(Tensor dx, Tensor weight_grad, const Tensor& dy, const Tensor& x,
                          const Tensor& weight, RankContext& ctx) = nullptr;
};

}  // namespace shardpipe

// Written at the end of the answer: what the grader calls.
extern "C" [[gnu::visibility("default")]] void shardpipe_answer(shardpipe::DxUnderDwAnswer& answer);
