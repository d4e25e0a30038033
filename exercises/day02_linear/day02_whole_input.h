// A row-parallel linear that is given the whole input, with a bug: what there is to mend, and what
// it is given.
#pragma once

#include "exercises/day02_linear/row_linear.h"

namespace shardpipe {

struct WholeInputAnswer {
  // As RowForward, but x [T,D] is whole, and the same on every rank.
  //   x.reshape({a, b, c}), x.slice(first, count)     the same memory, no copy; slice: rows
  //   ctx.math.copy(out, in, ctx.compute)             out = in, of as many numbers
  //   ctx.math.copy_columns(out, k, in, l, count, ctx.compute)
  //                                                   columns k.. of out = columns l.. of in
  //   ctx.math.gemm(out, a, Transpose::no, b, Transpose::yes, {}, ctx.compute)   out = a b^T
  //   ctx.math.add_bias(y, bias, ctx.compute)         every row += bias
  //   ctx.tp.rank(), ctx.tp.size(), ctx.tp.all_reduce(y, ctx.compute)
  //   Tensor(ctx.device, {rows, columns})             scratch memory
  RowForward whole_input_forward = nullptr;
};

}  // namespace shardpipe

// Written at the end of the answer: what the grader calls.
extern "C" [[gnu::visibility("default")]] void shardpipe_answer(
    shardpipe::WholeInputAnswer& answer);
