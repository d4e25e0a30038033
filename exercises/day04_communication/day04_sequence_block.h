// A residual branch of a transformer block under sequence parallelism, forward and backward: what
// there is to write, and what it is given. Letters: T tokens, D features, t ranks of the tensor-
// parallel group (t divides T); n: any number of tokens. Rank i has tokens i T/t and on.
#pragma once

#include <functional>
#include <vector>

#include "core/context/rank_context.h"
#include "exercises/not_written.h"

namespace shardpipe {

// The layers of one branch, y = x + inner(norm(x)) + bias, on ctx.compute. None of them sends
// anything: what ranks tell each other is left to you. norm and inner keep what their backward
// needs; inner_weights is the only one that has to be handed what others were given.
struct BranchLayers {
  // Of each token by itself. [n,D] -> [n,D]
  std::function<Tensor(const Tensor& x)> norm = {};
  // Attention or an MLP, its heads or hidden features split over the ranks: from all tokens, in
  // their order, to this rank's term of a sum over ranks. [T,D] -> [T,D]
  std::function<Tensor(const Tensor& normed)> inner = {};
  // The same backward: from the gradient of that sum to a term of the gradient of normed.
  // [T,D] -> [T,D]
  std::function<Tensor(const Tensor& dy)> inner_backward = {};
  // From the gradient of what norm gave to that of what it was given; also adds to the gradients of
  // the norm's own weights what these n tokens bring. [n,D] -> [n,D]
  std::function<Tensor(const Tensor& dnormed)> norm_backward = {};
  // Adds to the gradients of inner's weights, of which each rank has its own. Needs what inner and
  // inner_backward were given, [T,D] each.
  std::function<void(const Tensor& normed, const Tensor& dy)> inner_weights = {};
  Tensor bias = {};           // [D]  belongs to the sum: comes to it once; the same on every rank
  Tensor bias_gradient = {};  // [D]  of all tokens, so the same on every rank
};

// What passes from one function to the next: set it. Each function is graded with the others' right
// ones.
struct SequenceState {
  Tensor normed = {};  // [T/t,D]  by branch_forward: norm(x)
  Tensor dy_all = {};  // [T,D]    by branch_backward_input: dy of all tokens
};

// x, y, dx, dy [T/t,D] are of this rank's own tokens. y and dx are there, to be written by one of
// the calls below: a Tensor is a handle, so `dx = ...` makes it stand for other memory and writes
// nothing. Nothing that is given to be read is changed.
//
// Graded on a block of two branches: z is y of attention and x of the MLP, dz its gradient.
struct SequenceBlockAnswer {
  void (*branch_forward)(Tensor y, const Tensor& x, const BranchLayers& layers,
                         SequenceState& state, RankContext& ctx) = nullptr;
  void (*branch_backward_input)(Tensor dx, const Tensor& dy, const BranchLayers& layers,
                                SequenceState& state, RankContext& ctx) = nullptr;
  // inner_weights, and the gradient of the bias added to bias_gradient.
  void (*branch_backward_weight)(const BranchLayers& layers, const SequenceState& state,
                                 RankContext& ctx) = nullptr;
  // Once a step, after all branches and micro-batches. gradients: of all norms' weights, [D] each.
  void (*reduce_norm_gradients)(const std::vector<Tensor>& gradients, RankContext& ctx) = nullptr;
  //   ctx.tp.size()                                 t
  //   ctx.tp.all_gather(out, in, s)                 out [T,D] = in [T/t,D] of every rank, in order
  //   ctx.tp.reduce_scatter(out, in, s)             out [T/t,D] = own tokens of the sum of in [T,D]
  //   ctx.tp.all_reduce(x, s)                       x = sum over the group of x
  //   ctx.tp.all_reduce_coalesced(all, s)           the same of a vector of tensors, in one launch
  //   ctx.math.add(out, a, b, s)                    out = a + b; out may be a or b
  //   ctx.math.add_bias(y, bias, s)                 every row of y += bias
  //   ctx.math.bias_backward(dbias, dy, s)          dbias += sum over rows of dy
  //   Tensor(ctx.device, {rows, columns}, x.dtype())   scratch memory; x.size(0), x.size(1)
  // with s = ctx.compute.
};

}  // namespace shardpipe

// Written at the end of the answer: what the grader calls.
extern "C" [[gnu::visibility("default")]] void shardpipe_answer(
    shardpipe::SequenceBlockAnswer& answer);
