// Day 3: a transformer block on t ranks, with 2 + 2 all-reduces.    ./lab check day03_block
//
// z = x + attention(norm1(x)), y = z + mlp(norm2(z)). The four parts are given. Norms are on every
// rank; attention and MLP work on this rank's heads and hidden features, and leave terms of a sum:
// you place the sums over ranks, forward and backward, and the two residuals.
//
//   t = 3, T = D = 1, norm1(x) = x, norm2(z) = z / 12; x = 3, dy = 6
//                                       rank 0      rank 1      rank 2
//     attention_i(n)                    2 n         0           n
//     mlp_i(n)                          n           4 n         5 n
//     attention's terms, of norm1(3)    6           0           3          z = 3 + 9 = 12
//     MLP's terms, of norm2(12) = 1     1           4           5          y = 12 + 10 = 22
//   backward
//     MLP's terms, of dy = 6            6           24          30         60; norm2: 60 / 12 = 5
//     residual                                                             dz = 6 + 5 = 11
//     attention's terms, of dz = 11     22          0           11         33; norm1: 33
//     residual                                                             dx = 11 + 33 = 44
//
// A norm's weights have a gradient, too, which is made of the dy it was given: it must be that of
// all ranks. The gradients of weights are formed by others, later. There are other tensor-parallel
// groups, with other numbers.
// Allowed: two all-reduces of T D numbers in the group forward, two backward; memory for nine [T,D]
// beside x and dy: eight are what the four parts return, forward and backward, and one is for you.
// What a part returned you may change, until another part is given it.
#include "exercises/day03_block/day03_block.h"

namespace shardpipe::answer {

Tensor block_forward(const Tensor& x, const BlockParts& parts, int microbatch, RankContext& ctx) {
  // >>> region 1: the block's y on every rank (about 7 lines)
  const Tensor z =
      parts.attention.forward(parts.norm1.forward(x, microbatch, ctx), microbatch, ctx);
  ctx.tp.all_reduce(z, ctx.compute);
  ctx.math.add(z, z, x, ctx.compute);
  const Tensor y = parts.mlp.forward(parts.norm2.forward(z, microbatch, ctx), microbatch, ctx);
  ctx.tp.all_reduce(y, ctx.compute);
  ctx.math.add(y, y, z, ctx.compute);
  return y;
  // <<< region 1
}

Tensor block_backward_input(const Tensor& dy, const BlockParts& parts, int microbatch,
                            RankContext& ctx) {
  // >>> region 2: dx on every rank; each norm was given its whole dy (about 9 lines)
  const Tensor dn2 = parts.mlp.backward_input(dy, microbatch, ctx);
  ctx.tp.all_reduce(dn2, ctx.compute);  // all ranks' features used norm2's output
  const Tensor dz = parts.norm2.backward_input(dn2, microbatch, ctx);
  ctx.math.add(dz, dz, dy, ctx.compute);
  const Tensor dn1 = parts.attention.backward_input(dz, microbatch, ctx);
  ctx.tp.all_reduce(dn1, ctx.compute);
  const Tensor dx = parts.norm1.backward_input(dn1, microbatch, ctx);
  ctx.math.add(dx, dx, dz, ctx.compute);
  return dx;
  // <<< region 2
}

}  // namespace shardpipe::answer

extern "C" void shardpipe_answer(shardpipe::BlockAnswer& answer) {
  answer = {.block_forward = shardpipe::answer::block_forward,
            .block_backward_input = shardpipe::answer::block_backward_input};
}
