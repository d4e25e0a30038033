// Day 3: cross entropy of logits that no rank has whole.        ./lab check day03_cross_entropy
//
// The loss of a token is the logarithm of one over the probability that the model gives to the word
// that came next: log(sum over words of exp(logit)) - logit of that word. Rank i holds the logits
// of its own V'/t words, [T,V'/t]; all of them, [T,V'], are the largest tensor of a model, and need
// not come together. exp of a large logit is no float any more, so the largest logit of the token
// is taken off first; that changes nothing else:
//
//   loss = log(sum of exp(logit - max)) + max - logit of the target
//
//   t = 3, V = 5, one token, target 3               rank 0        rank 1        rank 2
//     words, logits                                 0, 1: 7 9     2, 3: 5 8     4, padding: 6 .
//     max        9 on every rank                    9             8             6
//     target     logit of word 3: 8                 0             8             0
//     exp(logit - max)                              .135 1        .018 .368     .050 0
//     sum        1.571                              1.135         0.386         0.050
//     loss       log(1.571) + 9 - 8 = 1.452 on every rank
//     dlogits    p / sum - [word is the target]     .086 .636     .012 -.766    .032 0
//
// (dlogits: of this token, scale 1.) The mean over T tokens is the loss. The padding is no word: it
// is in no maximum and no sum, and its gradient is 0. A rank may have nothing but padding. There
// are other tensor-parallel groups, with other tokens.
// Allowed: three all-reduces of T numbers in the group forward, or two, if target and sum travel
// as one tensor; none backward; memory for two numbers a token beside what is given, for that.
#include "exercises/day03_block/day03_cross_entropy.h"

namespace shardpipe::answer {

void largest_logits(const LossState& state, const Tensor& logits, const VocabularyRows& rows,
                    RankContext& ctx) {
  // >>> region 1: state.max on every rank (about 2 lines)
  ctx.math.row_max(state.max, logits, rows.valid, ctx.compute);
  ctx.tp.all_reduce(state.max, ReduceOp::max, ctx.compute);
  // <<< region 1
}

void loss_forward(Tensor loss, const Tensor& logits, const Tensor& targets, const LossState& state,
                  const VocabularyRows& rows, RankContext& ctx) {
  // >>> region 2: state.target, state.sum and loss on every rank; logits are p (about 6 lines)
  ctx.math.pick_target(state.target, logits, targets, rows.first, ctx.compute);
  ctx.tp.all_reduce(state.target, ctx.compute);
  ctx.math.exp_minus(logits, logits, state.max, rows.valid, ctx.compute);
  ctx.math.row_sum(state.sum, logits, rows.valid, ctx.compute);
  ctx.tp.all_reduce(state.sum, ctx.compute);
  ctx.math.cross_entropy(loss, state.sum, state.max, state.target, ctx.compute);
  // <<< region 2
}

void loss_backward(const Tensor& p, const Tensor& targets, const LossState& state,
                   const VocabularyRows& rows, float scale, RankContext& ctx) {
  // >>> region 3: p is the gradient of scale * loss with respect to the logits (about 3 lines)
  const float factor = scale / static_cast<float>(targets.size(0));
  ctx.math.cross_entropy_backward(p, p, state.sum, targets, rows.first, factor, ctx.compute);
  // <<< region 3
}

}  // namespace shardpipe::answer

extern "C" void shardpipe_answer(shardpipe::CrossEntropyAnswer& answer) {
  answer = {.largest_logits = shardpipe::answer::largest_logits,
            .loss_forward = shardpipe::answer::loss_forward,
            .loss_backward = shardpipe::answer::loss_backward};
}
