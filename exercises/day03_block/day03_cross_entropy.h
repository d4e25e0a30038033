// Cross entropy of logits that are split by words: what there is to write, and what it is given.
#pragma once

#include "exercises/day03_block/loss.h"

namespace shardpipe {

// logits [T,V'/t] are this rank's columns: words rows.first and on. Those from column rows.valid on
// are padding, and hold anything. targets i32 [T] are words of the whole vocabulary, the same on
// every rank.
struct CrossEntropyAnswer {
  // state.max from logits, which stay as they are.
  void (*largest_logits)(const LossState& state, const Tensor& logits, const VocabularyRows& rows,
                         RankContext& ctx) = nullptr;
  // state.target, state.sum and loss [1], the mean over the tokens, from logits and state.max. The
  // logits become p = exp(logit - max), 0 in the padding.
  void (*loss_forward)(Tensor loss, const Tensor& logits, const Tensor& targets,
                       const LossState& state, const VocabularyRows& rows,
                       RankContext& ctx) = nullptr;
  // p becomes the gradient of scale * loss with respect to the logits, 0 in the padding.
  void (*loss_backward)(const Tensor& p, const Tensor& targets, const LossState& state,
                        const VocabularyRows& rows, float scale, RankContext& ctx) = nullptr;
  // Everything runs on a stream: s = ctx.compute. "columns": the first so many of a row count.
  //   ctx.math.row_max(out, x, columns, s)             out[T] = largest of a row; of 0: -infinity
  //   ctx.math.row_sum(out, x, columns, s)             out[T] = sum of a row
  //   ctx.math.exp_minus(p, x, max, columns, s)        p = exp(x - max[row]), 0 in the other
  //                                                    columns; p may be x
  //   ctx.math.pick_target(out, x, targets, first, s)  out[T] = x[row][targets[row] - first], 0
  //                                                    where x has no such column
  //   ctx.math.cross_entropy(loss, sum, max, target, s)   mean over T of log(sum) + max - target
  //   ctx.math.cross_entropy_backward(dx, p, sum, targets, first, factor, s)
  //                                        dx = factor (p / sum - [column is target - first]);
  //                                        dx may be p
  //   ctx.tp.all_reduce(x, ReduceOp::sum, s)   or ReduceOp::max, over the tensor-parallel group
  //   Tensor(ctx.device, {rows, columns})      scratch memory; x.slice(row, count) is a part of it
};

}  // namespace shardpipe

// Written at the end of the answer: what the grader calls.
extern "C" [[gnu::visibility("default")]] void shardpipe_answer(
    shardpipe::CrossEntropyAnswer& answer);
