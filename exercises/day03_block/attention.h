// Causal self-attention split by heads over t ranks: what one rank holds of it. Letters: B
// sequences, S positions, T = B S tokens (S neighbouring rows are one sequence), D features, C head
// size; h query heads and k key/value heads on this rank. k = h, unless an exercise says that heads
// are grouped. Weights are [outputs, inputs].
#pragma once

#include <cmath>

#include "core/context/rank_context.h"
#include "exercises/not_written.h"

namespace shardpipe {

// Of the weights and, in the same shapes, of their gradients.
struct AttentionShard {
  Tensor qkv_weight = {};  // [(h+2k)C,D]  rows [Q_i | K_i | V_i]: column parallel, split by outputs
  Tensor qkv_bias = {};    // [(h+2k)C]    their part of the bias
  Tensor out_weight = {};  // [D,hC]       columns: row parallel, split by inputs
  Tensor out_bias = {};    // [D]          the same on every rank
};

// What passes from one function to the next. The tensors are there; whoever makes the numbers
// writes them. Each function is graded with the others' right ones.
struct AttentionState {
  Tensor q = {};        // [B,h,S,C]       queries
  Tensor k = {};        // [B,k,S,C]       keys
  Tensor v = {};        // [B,k,S,C]       values
  Tensor p = {};        // [B k,(h/k)S,S]  softmax: how much a query takes of each value
  Tensor context = {};  // [T,hC]          what the heads give, side by side
  Tensor dqkv = {};     // [T,(h+2k)C]     gradient of x W^T + b, as [dQ_i | dK_i | dV_i]
};

// Everything runs on a stream: s = ctx.compute.
//   ctx.math.gemm(out, a, op_a, b, op_b, {.alpha = 1, .beta = 0}, s)
//                                          out = alpha op_a(a) op_b(b) + beta out,
//                                          op: Transpose::no or Transpose::yes. Dimensions before
//                                          the last two are a batch: one product for each. They
//                                          must be the same in out, a and b; reshape makes them so
//   ctx.math.add_bias(y, bias, s)          every row of y += bias
//   ctx.math.bias_backward(dbias, dy, s)   dbias += sum over rows of dy
//   ctx.math.split_heads(heads, x, first_column, s)   heads [B,n,S,C] = n C columns of x [T,..]
//   ctx.math.merge_heads(x, heads, first_column, s)   the way back; other columns of x stay
//   ctx.math.causal_softmax(p, scores, s)  of scores [N,R,S]: row r is position r % S and sees
//                                          columns 0..r % S; 0 in the others. May be in place
//   ctx.math.causal_softmax_backward(dscores, dp, p, s)   may be in place of dp
//   ctx.tp.all_reduce(y, s)                y = sum over the tensor-parallel group of y
//   tensor.size(i), tensor.shape()         size(3) of q is C
//   tensor.reshape({..})                   the same numbers in the same order, seen so; no copy
//   Tensor(ctx.device, {..}, x.dtype())    scratch memory, of numbers like those of x

}  // namespace shardpipe
