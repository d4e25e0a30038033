// Row-parallel forward with bias: what there is to write, and what it is given.
#pragma once

#include "exercises/day02_linear/row_linear.h"

namespace shardpipe {

struct RowForwardAnswer {
  //   ctx.math.gemm(out, a, Transpose::no, b, Transpose::yes, {}, ctx.compute)   out = a b^T
  //   ctx.math.add_bias(y, bias, ctx.compute)                                    every row += bias
  //   ctx.tp.rank(), ctx.tp.size()             this rank's place in its tensor-parallel group
  //   ctx.tp.all_reduce(y, ctx.compute)        y = sum over the group of y
  //   Tensor(ctx.device, {rows, columns})      scratch memory: it is counted
  RowForward row_forward = nullptr;
};

}  // namespace shardpipe

// Written at the end of the answer: what the grader calls.
extern "C" [[gnu::visibility("default")]] void shardpipe_answer(
    shardpipe::RowForwardAnswer& answer);
