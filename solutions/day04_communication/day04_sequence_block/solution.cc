// Day 4: a block under sequence parallelism.                 ./lab check day04_sequence_block
//
// A block has two branches, y = x + inner(norm(x)) + bias: attention, then an MLP. In plain tensor
// parallelism every rank holds x, the norm's output and y of all T tokens, t times the same, and an
// all-reduce sums y. An all-reduce is a reduce-scatter and an all-gather. Put apart, they leave a
// stretch between them in which rank i has its own T/t tokens only: norm, residual addition and
// what they keep for backward shrink to 1/t.
//
//   plain    [T,D]    norm -> inner -> all-reduce -> + bias + x
//   yours    [T/t,D]  norm -> all-gather -> inner -> reduce-scatter -> + bias + x
//
//   t = 3, T = 3, D = 1: a token a rank. norm(x) = 2 x, bias 7, and inner adds up the tokens so
//   far, times 1 on rank 0, 10 on rank 1, 100 on rank 2 (so a sum over ranks is 111 times as much).
//                              rank 0        rank 1           rank 2
//     x, norm(x)               1, 2          2, 4             3, 6
//     gathered                 2 4 6         2 4 6            2 4 6
//     inner                    2 6 12        20 60 120        200 600 1200
//     own token of the sum     222           666              1332
//     y = sum + bias + x       230           675              1342
//
// Backward goes the same way back. The backward of a reduce-scatter is an all-gather (each rank's
// term needs dy of all tokens), that of an all-gather a reduce-scatter. The weights of inner need
// all of its input again, which was not kept. The norms' weights are the same on every rank, but a
// rank has seen its own tokens only. dy reaches x on two ways: through the branch, and beside it.
//
// Allowed, for a branch: forward one all-gather and one reduce-scatter of T D numbers, backward of
// x the same, backward of weights one all-gather. For the norms' gradients: each summed once.
// Memory, in each function: two tensors [T,D] (what inner gives is one of them) and one [T/t,D], in
// backward of x two. Counted among them: what you put into state, and what the layers give you.
#include "exercises/day04_communication/day04_sequence_block.h"

namespace shardpipe::answer {

void branch_forward(Tensor y, const Tensor& x, const BranchLayers& layers, SequenceState& state,
                    RankContext& ctx) {
  // >>> region 1: y = x + inner(norm(x)) + bias of own tokens; state.normed kept (about 8 lines)
  state.normed = layers.norm(x);                                                    // [T/t,D]
  const Tensor all(ctx.device, {ctx.tp.size() * x.size(0), x.size(1)}, x.dtype());  // [T,D]
  ctx.tp.all_gather(all, state.normed, ctx.compute);
  const Tensor term = layers.inner(all);  // [T,D]
  ctx.tp.reduce_scatter(y, term, ctx.compute);
  ctx.math.add_bias(y, layers.bias, ctx.compute);
  ctx.math.add(y, y, x, ctx.compute);
  // <<< region 1
}

void branch_backward_input(Tensor dx, const Tensor& dy, const BranchLayers& layers,
                           SequenceState& state, RankContext& ctx) {
  // >>> region 2: dx of own tokens; state.dy_all kept for the weights (about 9 lines)
  const Index T = ctx.tp.size() * dy.size(0), D = dy.size(1);
  state.dy_all = Tensor(ctx.device, {T, D}, dy.dtype());
  ctx.tp.all_gather(state.dy_all, dy, ctx.compute);
  const Tensor term = layers.inner_backward(state.dy_all);   // [T,D]
  const Tensor dnormed(ctx.device, dy.shape(), dy.dtype());  // [T/t,D]
  ctx.tp.reduce_scatter(dnormed, term, ctx.compute);
  const Tensor through_norm = layers.norm_backward(dnormed);  // [T/t,D]
  ctx.math.add(dx, through_norm, dy, ctx.compute);
  // <<< region 2
}

void branch_backward_weight(const BranchLayers& layers, const SequenceState& state,
                            RankContext& ctx) {
  // >>> region 3: gradients of inner's weights and of the bias, of all tokens (about 4 lines)
  const Tensor all(ctx.device, state.dy_all.shape(), state.normed.dtype());  // [T,D]
  ctx.tp.all_gather(all, state.normed, ctx.compute);
  layers.inner_weights(all, state.dy_all);
  // dy_all has the tokens of every rank: the bias' gradient is whole, and the same everywhere.
  ctx.math.bias_backward(layers.bias_gradient, state.dy_all, ctx.compute);
  // <<< region 3
}

void reduce_norm_gradients(const std::vector<Tensor>& gradients, RankContext& ctx) {
  // >>> region 4: every norm's gradients on every rank = those of all tokens (about 2 lines)
  for (const Tensor& gradient : gradients) ctx.tp.all_reduce(gradient, ctx.compute);
  // <<< region 4
}

}  // namespace shardpipe::answer

extern "C" void shardpipe_answer(shardpipe::SequenceBlockAnswer& answer) {
  answer = {.branch_forward = shardpipe::answer::branch_forward,
            .branch_backward_input = shardpipe::answer::branch_backward_input,
            .branch_backward_weight = shardpipe::answer::branch_backward_weight,
            .reduce_norm_gradients = shardpipe::answer::reduce_norm_gradients};
}
