// Day 4: mend the gradients of a norm.                         ./lab check day04_norm_gradients
//
// This code came from plain tensor parallelism, where it was right: norm, then a linear split by
// its outputs, then one split by its inputs, whose bias comes to the sum. Then the norm was moved
// onto own tokens: rank i has T/t of them. The shapes fit, forward and backward of x are right, the
// model trains. But the loss is a little worse than on one rank, and after some steps every rank
// holds another norm.
//
//   t = 3, T = 3, D = 1: a token a rank; two micro-batches
//                                        rank 0      rank 1      rank 2
//     dnormed of own token               4, 10       1, 20       7, 30
//     norm_shift                         14          21          37           is
//     norm_shift                         72          72          72           should be
//     dy of all tokens, first            1 2 3       1 2 3       1 2 3
//     bias, of the first                 6           6           6            is right
//
// For each of the four gradients ask: which tokens has this rank seen of it, and does another rank
// have the same weights?
// Allowed: an all-gather of T D numbers a micro-batch, as it is; 2 D numbers summed over the group,
// once a step; memory for one [T,D] beside what is given. There are other tensor-parallel groups,
// with other tokens.
#include "exercises/day04_communication/day04_norm_gradients.h"

namespace shardpipe::answer {

void step_gradients(const StepGradients& gradients,
                    const std::vector<LeftOfMicrobatch>& microbatches, RankContext& ctx) {
  // >>> region 1: each gradient is that of all tokens of all micro-batches (about 11 lines)
  for (const LeftOfMicrobatch& m : microbatches) {
    ctx.math.layer_norm_backward_weight(gradients.norm_scale, gradients.norm_shift, m.dnormed, m.x,
                                        m.stats, ctx.compute);
    const Tensor all(ctx.device, m.dy_all.shape());  // [T,D]
    ctx.tp.all_gather(all, m.normed, ctx.compute);
    ctx.math.gemm(gradients.weight, m.dhidden, Transpose::yes, all, Transpose::no, {.beta = 1},
                  ctx.compute);
    ctx.math.bias_backward(gradients.bias, m.dy_all, ctx.compute);
  }
  // The norm has seen own tokens; all else was formed from the tokens of every rank.
  ctx.tp.all_reduce_coalesced({gradients.norm_scale, gradients.norm_shift}, ctx.compute);
  // <<< region 1
}

}  // namespace shardpipe::answer

extern "C" void shardpipe_answer(shardpipe::NormGradientsAnswer& answer) {
  answer = {.step_gradients = shardpipe::answer::step_gradients};
}
