// A row-parallel linear whose bias is on one rank, with a bug: what there is to mend, and what it
// is given.
#pragma once

#include "exercises/day02_linear/row_linear.h"

namespace shardpipe {

struct BiasOnOneRankAnswer {
  //   shard.bias.empty()                       true on all ranks of the group but rank 0
  //   ctx.math.gemm(out, a, Transpose::no, b, Transpose::yes, {}, ctx.compute)   out = a b^T
  //   ctx.math.add_bias(y, bias, ctx.compute)                                    every row += bias
  //   ctx.tp.rank(), ctx.tp.size(), ctx.tp.all_reduce(y, ctx.compute)
  RowForward one_bias_forward = nullptr;
};

}  // namespace shardpipe

// Written at the end of the answer: what the grader calls.
extern "C" [[gnu::visibility("default")]] void shardpipe_answer(
    shardpipe::BiasOnOneRankAnswer& answer);
