// A row-parallel linear whose sums pass under its products: what there is to write, and what it is
// given. Letters: T tokens, D inputs, F outputs, t tensor-parallel ranks. Weights are [outputs,
// inputs].
#pragma once

#include "core/context/rank_context.h"
#include "exercises/not_written.h"

namespace shardpipe {

struct OverlapAnswer {
  // y [T,F], the same on every rank = sum over ranks of x_i W_i^T, in `pieces` pieces of rows.
  // x [T,D/t], weight [F,D/t]: this rank's columns. 1 <= pieces <= T.
  //   ctx.compute, ctx.comm                    two streams: each runs what it is given in order,
  //                                            and neither waits for the other unless told to
  //   const Event done = ctx.compute.record()  when all that was given to compute so far has run
  //   ctx.comm.wait(done)                      what comm is given from now on runs after that
  //   y.size(0), y.slice(first, rows)          how many rows y has; these rows of y, no copy
  //   ctx.math.gemm(out, a, Transpose::no, b, Transpose::yes, {}, ctx.compute)    out = a b^T
  //   ctx.tp.all_reduce(y, ctx.comm)           y = sum over the group of y
  void (*overlapped_forward)(Tensor y, const Tensor& x, const Tensor& weight, int pieces,
                             RankContext& ctx) = nullptr;
};

}  // namespace shardpipe

// Written at the end of the answer: what the grader calls.
extern "C" [[gnu::visibility("default")]] void shardpipe_answer(shardpipe::OverlapAnswer& answer);
