// Day 3: causal self-attention on t ranks, backward.       ./lab check day03_attention_backward
//
// Forward a rank computed, for each of its own h heads,
//     scores = Q K^T / sqrt(C),  p = softmax(scores),  out = p V,
// put the outs side by side (state.context) and gave y = the sum over ranks of context W_out_i^T,
// plus b_out. From dy, the gradient of y, come those of x and of all weights. A product out = A B
// has dA = dout B^T and dB = A^T dout; so, head by head:
//     dV = p^T dout                      dp = dout V^T
//     dscores = softmax backward of dp   (given: p (dp - sum of p dp over what is seen))
//     dQ = dscores K / sqrt(C)           dK = dscores^T Q / sqrt(C)
//
//   t = 3, one head a rank, one sequence of 2 positions, C = D = 1, dy of position 1 = 1, of 0: 0
//                                rank 0       rank 1       rank 2
//     W_out_i                    2            1            3
//     dout of position 1         2            1            3          dy is the same on every rank
//     p of position 1            1/2, 1/2     0, 1         1, 0
//     dV of positions 0, 1       1, 1         0, 1         3, 0
//     v of positions 0, 1        4, 6         4, 6         4, 6
//     dp                         8, 12        4, 6         12, 18
//     dscores                    -1, 1        0, 0         0, 0       1/2 (8 - 10), 1/2 (12 - 10)
//     k of positions 0, 1        2, 5         2, 5         2, 5
//     dQ of position 1           3            0            0          -1 x 2 + 1 x 5
//
// The gradients of Q, K and V side by side, [dQ_i | dK_i | dV_i], are that of x W_i^T + b_i. Every
// rank used all of x, each for heads of its own: dx is a sum over ranks. Each gradient of a weight
// belongs to one rank, or is the same on all; it is added to what is there.
// Here every head has keys and values of its own: k = h. As forward, a head is turned out of the
// columns of [T,hC] into [B,h,S,C], for products in a batch, and back (split_heads, merge_heads).
// What there is to call stands in exercises/day03_block/attention.h.
// Allowed: one all-reduce of T D numbers in the group, for dx, and none for weights; memory beside
// what is given for five times [T,hC] and once [B h,S,S].
#include "exercises/day03_block/day03_attention_backward.h"

namespace shardpipe::answer {

void heads_backward(const Tensor& dy, const AttentionShard& weights, const AttentionState& state,
                    RankContext& ctx) {
  // >>> region 1: state.dqkv, the gradients of this rank's Q, K and V (about 20 lines)
  not_written(1);
  // <<< region 1
}

void projection_backward(Tensor dx, const AttentionShard& gradients, const Tensor& x,
                         const Tensor& dy, const AttentionShard& weights,
                         const AttentionState& state, RankContext& ctx) {
  // >>> region 2: dx on every rank; gradients of this micro-batch added (about 8 lines)
  not_written(2);
  // <<< region 2
}

}  // namespace shardpipe::answer

extern "C" void shardpipe_answer(shardpipe::AttentionBackwardAnswer& answer) {
  answer = {.heads_backward = shardpipe::answer::heads_backward,
            .projection_backward = shardpipe::answer::projection_backward};
}
