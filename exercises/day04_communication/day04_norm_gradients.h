// The gradients of a step under sequence parallelism, with a bug: what there is to mend, and what
// it is given. Letters: T tokens of a micro-batch, D features, F hidden features, t ranks of the
// tensor-parallel group. Rank i has tokens i T/t and on.
#pragma once

#include <vector>

#include "core/context/rank_context.h"
#include "exercises/not_written.h"

namespace shardpipe {

// Gradients of the weights of one branch. 0 at the beginning of a step.
struct StepGradients {
  Tensor norm_scale = {}, norm_shift = {};  // [D]      the weights are the same on every rank
  Tensor weight = {};                       // [F/t,D]  the rank's own rows of the first linear
  Tensor bias = {};                         // [D]      of the second linear; the same on every rank
};

// What forward and backward of x have left of one micro-batch.
struct LeftOfMicrobatch {
  Tensor x = {}, stats = {};  // [T/t,D] [T/t,2]  what the norm was given; mean and 1/root by token
  Tensor normed = {};         // [T/t,D]  what it gave
  Tensor dnormed = {};        // [T/t,D]  the gradient of that, summed over ranks
  Tensor dhidden = {};        // [T,F/t]  the gradient of what the first linear gave
  Tensor dy_all = {};         // [T,D]    the gradient of the branch's output, all tokens
};

struct NormGradientsAnswer {
  // Called once, at the end of a step. Afterwards gradients are those of all tokens of all micro-
  // batches: of own rows where the weight is split, else the same on every rank.
  void (*step_gradients)(const StepGradients& gradients,
                         const std::vector<LeftOfMicrobatch>& microbatches,
                         RankContext& ctx) = nullptr;
  // With s = ctx.compute:
  //   ctx.math.layer_norm_backward_weight(dscale, dshift, dy, x, stats, s)
  //                              dscale += sum over rows of dy (x - mean) / root, dshift += of dy;
  //                              root: the standard deviation
  //   ctx.math.gemm(out, a, Transpose::yes, b, Transpose::no, {.beta = 1}, s)   out += a^T b
  //   ctx.math.bias_backward(dbias, dy, s)        dbias += sum over rows of dy
  //   ctx.tp.all_gather(out, in, s)               out [T,D] = in [T/t,D] of every rank, in order
  //   ctx.tp.all_reduce(x, s)                     x = sum over the group of x
  //   ctx.tp.all_reduce_coalesced({a, b}, s)      the same of several tensors, in one launch
  //   Tensor(ctx.device, {rows, columns})         scratch memory
};

}  // namespace shardpipe

// Written at the end of the answer: what the grader calls.
extern "C" [[gnu::visibility("default")]] void shardpipe_answer(
    shardpipe::NormGradientsAnswer& answer);
