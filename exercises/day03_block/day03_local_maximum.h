// The forward of a cross entropy with a bug: what there is to mend, and what it is given.
#pragma once

#include "exercises/day03_block/loss.h"

namespace shardpipe {

struct LocalMaximumAnswer {
  // All of state and loss [1], the mean over the tokens, from logits [T,V'/t], which become
  // p = exp(logit - max), 0 in the padding; that is all columns from rows.valid on.
  //   ctx.math.row_max(out, x, columns, ctx.compute)     over the first so many columns of a row
  //   ctx.math.row_sum(out, x, columns, ctx.compute)
  //   ctx.math.exp_minus(p, x, max, columns, ctx.compute)        p = exp(x - max[row]), others 0
  //   ctx.math.pick_target(out, x, targets, first, ctx.compute)  x[row][targets[row] - first] or 0
  //   ctx.math.cross_entropy(loss, sum, max, target, ctx.compute)   mean log(sum) + max - target
  //   ctx.tp.all_reduce(x, ReduceOp::sum, ctx.compute)           or ReduceOp::max
  void (*split_loss)(Tensor loss, const Tensor& logits, const Tensor& targets,
                     const LossState& state, const VocabularyRows& rows,
                     RankContext& ctx) = nullptr;
};

}  // namespace shardpipe

// Written at the end of the answer: what the grader calls.
extern "C" [[gnu::visibility("default")]] void shardpipe_answer(
    shardpipe::LocalMaximumAnswer& answer);
