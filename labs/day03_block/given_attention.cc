#include "labs/day03_block/given_attention.h"

namespace shardpipe {
namespace {

constexpr Transpose kPlain = Transpose::no, kTurned = Transpose::yes;

// What the rows of queries that share a key/value head are multiplied with, a batch entry each.
Tensor by_kv_head(const Tensor& kv) {  // [B,k,S,C] -> [B k,S,C]
  return kv.reshape({kv.size(0) * kv.size(1), kv.size(2), kv.size(3)});
}
Tensor by_group(const Tensor& q, const Tensor& kv) {  // [B,h,S,C] -> [B k,(h/k)S,C]
  return q.reshape({kv.size(0) * kv.size(1), q.size(1) / kv.size(1) * q.size(2), q.size(3)});
}

float scale_of(const AttentionState& state) {
  return 1 / std::sqrt(static_cast<float>(state.q.size(3)));
}

void project(const Tensor& x, const AttentionShard& weights, const AttentionState& state,
             RankContext& ctx) {
  const Tensor qkv(ctx.device, state.dqkv.shape(), x.dtype());
  ctx.math.gemm(qkv, x, kPlain, weights.qkv_weight, kTurned, {}, ctx.compute);
  ctx.math.add_bias(qkv, weights.qkv_bias, ctx.compute);
  Index column = 0;
  for (const Tensor& heads : {state.q, state.k, state.v}) {
    ctx.math.split_heads(heads, qkv, column, ctx.compute);
    column += heads.size(1) * heads.size(3);
  }
}

void context(const AttentionState& state, RankContext& ctx) {
  const Tensor out(ctx.device, state.q.shape(), state.q.dtype());
  ctx.math.gemm(state.p, by_group(state.q, state.k), kPlain, by_kv_head(state.k), kTurned,
                {.alpha = scale_of(state)}, ctx.compute);
  ctx.math.causal_softmax(state.p, state.p, ctx.compute);
  ctx.math.gemm(by_group(out, state.v), state.p, kPlain, by_kv_head(state.v), kPlain, {},
                ctx.compute);
  ctx.math.merge_heads(state.context, out, 0, ctx.compute);
}

void output(const Tensor& y, const AttentionShard& weights, const AttentionState& state,
            RankContext& ctx) {
  ctx.math.gemm(y, state.context, kPlain, weights.out_weight, kTurned, {}, ctx.compute);
  ctx.tp.all_reduce(y, ctx.compute);
  ctx.math.add_bias(y, weights.out_bias, ctx.compute);
}

void kv_gradients(Tensor dk, Tensor dv, const Tensor& dscores, const Tensor& dout,
                  const AttentionState& state, RankContext& ctx) {
  ctx.math.gemm(by_kv_head(dk), dscores, kTurned, by_group(state.q, dk), kPlain,
                {.alpha = scale_of(state)}, ctx.compute);
  ctx.math.gemm(by_kv_head(dv), state.p, kTurned, by_group(dout, dv), kPlain, {}, ctx.compute);
}

void backward_of_heads(const Tensor& dy, const AttentionShard& weights, const AttentionState& state,
                       const GroupedParts& parts, RankContext& ctx) {
  const Tensor dcontext(ctx.device, state.context.shape(), dy.dtype());
  ctx.math.gemm(dcontext, dy, kPlain, weights.out_weight, kPlain, {}, ctx.compute);
  const Tensor dout(ctx.device, state.q.shape(), dy.dtype());
  ctx.math.split_heads(dout, dcontext, 0, ctx.compute);
  const Tensor dscores(ctx.device, state.p.shape(), dy.dtype());
  ctx.math.gemm(dscores, by_group(dout, state.v), kPlain, by_kv_head(state.v), kTurned, {},
                ctx.compute);
  ctx.math.causal_softmax_backward(dscores, dscores, state.p, ctx.compute);
  const Tensor dq(ctx.device, state.q.shape(), dy.dtype()),
      dk(ctx.device, state.k.shape(), dy.dtype()), dv(ctx.device, state.v.shape(), dy.dtype());
  ctx.math.gemm(by_group(dq, state.k), dscores, kPlain, by_kv_head(state.k), kPlain,
                {.alpha = scale_of(state)}, ctx.compute);
  parts.kv_gradients(dk, dv, dscores, dout, state, ctx);
  Index column = 0;
  for (const Tensor& heads : {dq, dk, dv}) {
    ctx.math.merge_heads(state.dqkv, heads, column, ctx.compute);
    column += heads.size(1) * heads.size(3);
  }
}

void backward_of_projection(Tensor dx, const AttentionShard& gradients, const Tensor& x,
                            const Tensor& dy, const AttentionShard& weights,
                            const AttentionState& state, RankContext& ctx) {
  ctx.math.gemm(dx, state.dqkv, kPlain, weights.qkv_weight, kPlain, {}, ctx.compute);
  ctx.tp.all_reduce(dx, ctx.compute);
  ctx.math.gemm(gradients.qkv_weight, state.dqkv, kTurned, x, kPlain, {.beta = 1}, ctx.compute);
  ctx.math.bias_backward(gradients.qkv_bias, state.dqkv, ctx.compute);
  ctx.math.gemm(gradients.out_weight, dy, kTurned, state.context, kPlain, {.beta = 1}, ctx.compute);
  ctx.math.bias_backward(gradients.out_bias, dy, ctx.compute);
}

}  // namespace

AttentionParts given_attention() {
  return given_attention({.context = context, .kv_gradients = kv_gradients});
}

AttentionParts given_attention(const GroupedParts& with) {
  return {.project_heads = project,
          .attend =
              [=](const Tensor& y, const AttentionShard& weights, const AttentionState& state,
                  RankContext& ctx) {
                with.context(state, ctx);
                output(y, weights, state, ctx);
              },
          .heads_backward =
              [=](const Tensor& dy, const AttentionShard& weights, const AttentionState& state,
                  RankContext& ctx) { backward_of_heads(dy, weights, state, with, ctx); },
          .projection_backward = backward_of_projection};
}

AttentionState make_attention_state(const AttentionShard& weights, Index tokens, Index positions,
                                    Index head_size, RankContext& ctx) {
  const Index T = tokens, S = positions, C = head_size, B = T / S;
  const Index h = weights.out_weight.size(1) / C;
  const Index k = (weights.qkv_weight.size(0) / C - h) / 2;
  const auto make = [&](Shape shape) {
    return Tensor(ctx.device, shape, weights.qkv_weight.dtype());
  };
  return {.q = make({B, h, S, C}),
          .k = make({B, k, S, C}),
          .v = make({B, k, S, C}),
          .p = make({B * k, h / k * S, S}),
          .context = make({T, h * C}),
          .dqkv = make({T, (h + 2 * k) * C})};
}

}  // namespace shardpipe
