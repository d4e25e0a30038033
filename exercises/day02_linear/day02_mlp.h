// The MLP of a transformer block, split over t ranks, forward and backward: what there is to write,
// and what it is given. Letters: T tokens, D features, F hidden features. Weights are [outputs,
// inputs]: y = gelu(x W1^T + b1) W2^T + b2.
#pragma once

#include "core/context/rank_context.h"
#include "exercises/not_written.h"

namespace shardpipe {

// What one rank holds, of the weights and, in the same shapes, of their gradients.
struct MlpShard {
  Tensor fc1_weight = {};  // [F/t,D]  rows of W1: column parallel, split by outputs
  Tensor fc1_bias = {};    // [F/t]    their part of b1
  Tensor fc2_weight = {};  // [D,F/t]  columns of W2: row parallel, split by inputs
  Tensor fc2_bias = {};    // [D]      b2, the same on every rank
};

// What passes from one function to the next. The tensors are there; whoever makes the numbers
// writes them. Each function is graded with the others' right ones.
struct MlpState {
  Tensor pre = {};   // [T,F/t]  by mlp_forward: x W1_i^T + b1_i, before GELU
  Tensor act = {};   // [T,F/t]  by mlp_forward: gelu(pre)
  Tensor dpre = {};  // [T,F/t]  by mlp_backward_input: the gradient of pre
};

// x, y, dx, dy [T,D] are the same on every rank. Nothing that is given to be read is changed.
struct MlpAnswer {
  // y, state.pre, state.act from x.
  void (*mlp_forward)(Tensor y, const Tensor& x, const MlpShard& weights, const MlpState& state,
                      RankContext& ctx) = nullptr;
  // dx, state.dpre from dy and state.pre.
  void (*mlp_backward_input)(Tensor dx, const Tensor& dy, const MlpShard& weights,
                             const MlpState& state, RankContext& ctx) = nullptr;
  // Adds to gradients, in which those of earlier micro-batches are, from x, dy, state.
  void (*mlp_backward_weight)(const MlpShard& gradients, const Tensor& x, const Tensor& dy,
                              const MlpState& state, RankContext& ctx) = nullptr;
  // Everything runs on a stream: s = ctx.compute.
  //   ctx.math.gemm(out, a, op_a, b, op_b, {.beta = 0}, s)   out = op_a(a) op_b(b) + beta out,
  //                                       op: Transpose::no or Transpose::yes
  //   ctx.math.add_bias(y, bias, s)                  every row of y += bias
  //   ctx.math.bias_backward(dbias, dy, s)           dbias += sum over rows of dy
  //   ctx.math.gelu(y, x, GeluKind::tanh, s)         y = gelu(x)
  //   ctx.math.gelu_backward(dx, dy, x, GeluKind::tanh, s)   dx = dy gelu'(x), x before GELU
  //   ctx.tp.all_reduce(y, s)                        y = sum over the tensor-parallel group of y
  //   Tensor(ctx.device, {rows, columns}, x.dtype())  scratch memory, of numbers like those of x
};

}  // namespace shardpipe

// Written at the end of the answer: what the grader calls.
extern "C" [[gnu::visibility("default")]] void shardpipe_answer(shardpipe::MlpAnswer& answer);
