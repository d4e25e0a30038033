// Day 2: an MLP on t ranks, forward and backward.              ./lab check day02_mlp
//
// y = gelu(x W1^T + b1) W2^T + b2, weights [outputs, inputs]. W1 is split by its outputs (column
// parallel), W2 by its inputs (row parallel): rank i holds W1_i [F/t,D], b1_i [F/t], W2_i [D,F/t]
// and all of b2 [D]. The hidden features that the first makes are those that the second wants, so
// that nothing is sent between them. x, y, dy, dx [T,D] are the same on every rank of the group.
//
//   t = 3, T = D = 1, one hidden feature a rank, x = 10, b2 = 7, dy = 1
//                            rank 0       rank 1       rank 2
//     W1_i, b1_i, W2_i       4, 2, 2      -2, 3, 5     3, 1, 1
//     pre                    42           -17          31            gelu(42) = 42, gelu(-17) = 0
//     act W2_i^T             84           0            31            y = 84 + 0 + 31 + 7 = 122
//     dact = dy W2_i         2            5            1             slopes of gelu: 1, 0, 1
//     dpre = dact gelu'      2            0            1
//     dpre W1_i              8            0            3             dx = 8 + 0 + 3 = 11
//
// Megatron-LM calls the two places where ranks talk g (an all-reduce forward, nothing backward) and
// f (nothing forward, an all-reduce backward).
// Allowed: one all-reduce of T D numbers in the group forward, one backward, none for
// gradients of weights; memory for one [T,F/t] beside what is given.
#include "exercises/day02_linear/day02_mlp.h"

namespace shardpipe::answer {

void mlp_forward(Tensor y, const Tensor& x, const MlpShard& weights, const MlpState& state,
                 RankContext& ctx) {
  // >>> region 1: y on every rank; state.pre and state.act kept for backward (about 6 lines)
  ctx.math.gemm(state.pre, x, Transpose::no, weights.fc1_weight, Transpose::yes, {}, ctx.compute);
  ctx.math.add_bias(state.pre, weights.fc1_bias, ctx.compute);
  ctx.math.gelu(state.act, state.pre, GeluKind::tanh, ctx.compute);
  ctx.math.gemm(y, state.act, Transpose::no, weights.fc2_weight, Transpose::yes, {}, ctx.compute);
  ctx.tp.all_reduce(y, ctx.compute);
  ctx.math.add_bias(y, weights.fc2_bias, ctx.compute);
  // <<< region 1
}

void mlp_backward_input(Tensor dx, const Tensor& dy, const MlpShard& weights, const MlpState& state,
                        RankContext& ctx) {
  // >>> region 2: dx on every rank; state.dpre kept for the weights (about 5 lines)
  const Tensor dact(ctx.device, state.act.shape(), dy.dtype());  // [T,F/t]
  ctx.math.gemm(dact, dy, Transpose::no, weights.fc2_weight, Transpose::no, {}, ctx.compute);
  ctx.math.gelu_backward(state.dpre, dact, state.pre, GeluKind::tanh, ctx.compute);
  ctx.math.gemm(dx, state.dpre, Transpose::no, weights.fc1_weight, Transpose::no, {}, ctx.compute);
  // Every rank's hidden features used all of x: their shares of its gradient are summed.
  ctx.tp.all_reduce(dx, ctx.compute);
  // <<< region 2
}

void mlp_backward_weight(const MlpShard& gradients, const Tensor& x, const Tensor& dy,
                         const MlpState& state, RankContext& ctx) {
  // >>> region 3: this micro-batch's gradients added to those of the shards (about 4 lines)
  ctx.math.gemm(gradients.fc1_weight, state.dpre, Transpose::yes, x, Transpose::no, {.beta = 1},
                ctx.compute);
  ctx.math.bias_backward(gradients.fc1_bias, state.dpre, ctx.compute);
  ctx.math.gemm(gradients.fc2_weight, dy, Transpose::yes, state.act, Transpose::no, {.beta = 1},
                ctx.compute);
  ctx.math.bias_backward(gradients.fc2_bias, dy, ctx.compute);
  // <<< region 3
}

}  // namespace shardpipe::answer

extern "C" void shardpipe_answer(shardpipe::MlpAnswer& answer) {
  answer = {.mlp_forward = shardpipe::answer::mlp_forward,
            .mlp_backward_input = shardpipe::answer::mlp_backward_input,
            .mlp_backward_weight = shardpipe::answer::mlp_backward_weight};
}
