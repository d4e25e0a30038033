#include "core/tensor_parallel/attention.h"

#include <cmath>

#include "core/tensor_parallel/cached_attention.h"

namespace shardpipe {

HeadShare head_share(Index heads, Index kv_heads, int t) {
  if (heads < 1 || kv_heads < 1 || heads % kv_heads != 0)
    usage_error(text("--kv-heads ", kv_heads, " must divide --heads ", heads));
  if (heads % t != 0)
    usage_error(text("--heads ", heads, " do not divide among --tp ", t,
                     " ranks (allowed: a --tp that divides ", heads, ")"));
  if (kv_heads % t == 0) return {.heads = heads / t, .kv_heads = kv_heads / t};
  if (t % kv_heads != 0)
    usage_error(text("--kv-heads ", kv_heads, " and --tp ", t, ": one must divide the other"));
  return {.heads = heads / t, .kv_heads = 1, .kv_replicas = static_cast<int>(t / kv_heads)};
}

AttentionCore::AttentionCore(HeadShare share, int shares, Index C, const AttentionOptions& o)
    : share_(share),
      shares_(shares),
      C_(C),
      S_(o.sequence),
      rotary_theta_(o.rotary_theta),
      recompute_softmax_(o.recompute_softmax) {}

Tensor AttentionCore::per_group(Tensor q) const {
  return q.reshape({q.size(0) * share_.kv_heads, share_.heads / share_.kv_heads * q.size(2), C_});
}

Tensor AttentionCore::per_kv_head(Tensor k) const {
  return k.reshape({k.size(0) * share_.kv_heads, k.size(2), C_});
}

Tensor AttentionCore::forward(Tensor qkv, int microbatch, RankContext& ctx) {
  if (qkv.size(0) % S_ != 0)
    fail(text("attention: ", qkv.size(0), " tokens are not whole sequences of ", S_));
  Tensor context = empty_context(qkv, ctx);  // [T, n h C]
  auto& saved = saved_[microbatch];
  saved.clear();  // of an earlier forward that had no backward
  for (int i = 0; i < shares_; ++i) {
    const Projected x = project(qkv, S_, 0, i, ctx);
    const Tensor p = softmax(x, 0, ctx);
    attend(p, x, 0, context, i, ctx);
    saved.push_back({.x = x, .p = recompute_softmax_ ? Tensor() : p});
  }
  return context;
}

Tensor AttentionCore::empty_context(const Tensor& qkv, RankContext& ctx) const {
  return Tensor(ctx.device, {qkv.size(0), shares_ * share_.heads * C_}, qkv.dtype());
}

AttentionCore::Projected AttentionCore::project(Tensor qkv, Index S, Index first, int share,
                                                RankContext& ctx) const {
  const Index B = qkv.size(0) / S, h = share_.heads, k = share_.kv_heads;
  const Index column = share * (h + 2 * k) * C_;  // of Q; then K, then V
  Tensor q(ctx.device, {B, h, S, C_}, qkv.dtype());
  Tensor key(ctx.device, {B, k, S, C_}, qkv.dtype());
  Tensor value(ctx.device, {B, k, S, C_}, qkv.dtype());
  ctx.math.split_heads(q, qkv, column, ctx.compute);
  ctx.math.split_heads(key, qkv, column + h * C_, ctx.compute);
  ctx.math.split_heads(value, qkv, column + (h + k) * C_, ctx.compute);
  if (rotary_theta_ > 0) {
    ctx.math.rotary(q, q, rotary_theta_, /*inverse=*/false, first, ctx.compute);
    ctx.math.rotary(key, key, rotary_theta_, /*inverse=*/false, first, ctx.compute);
  }
  return {.q = q, .k = key, .v = value};
}

Tensor AttentionCore::softmax(const Projected& x, Index first, RankContext& ctx) const {
  const Index B = x.q.size(0), h = share_.heads, k = share_.kv_heads, S = x.q.size(2);
  const Index seen = first + S;
  const float scale = 1 / std::sqrt(static_cast<float>(C_));
  Tensor p(ctx.device, {B * k, h / k * S, seen}, x.q.dtype());  // scores, then their softmax
  ctx.math.gemm(p, per_group(x.q), Transpose::no, per_kv_head(x.k), Transpose::yes,
                {.alpha = scale, .name = "gemm QK", .b_rows = seen}, ctx.compute);
  ctx.math.causal_softmax(p, p, first, ctx.compute);
  return p;
}

void AttentionCore::attend(Tensor p, const Projected& x, Index first, Tensor context, int share,
                           RankContext& ctx) const {
  const Index h = share_.heads;
  Tensor out(ctx.device, x.q.shape(), x.q.dtype());  // [B,h,S,C]
  ctx.math.gemm(per_group(out), p, Transpose::no, per_kv_head(x.v), Transpose::no,
                {.name = "gemm PV", .b_rows = first + x.q.size(2)}, ctx.compute);
  ctx.math.merge_heads(context, out, share * h * C_, ctx.compute);
}

Tensor AttentionCore::backward_input(Tensor dy, int microbatch, RankContext& ctx) {
  auto saved = take(saved_, microbatch);
  const Index columns = shares_ * (share_.heads + 2 * share_.kv_heads) * C_;
  Tensor dqkv(ctx.device, {dy.size(0), columns}, dy.dtype());  // [T, n (h + 2k) C]
  for (int i = 0; i < shares_; ++i) {
    Saved& s = saved[static_cast<std::size_t>(i)];
    if (recompute_softmax_) s.p = softmax(s.x, 0, ctx);
    attend_backward(dqkv, dy, s, i, ctx);
  }
  return dqkv;
}

// out = P V, P = softmax(scale Q K^T):  dV = P^T dout,  dP = dout V^T,  dS = softmax'(dP),
// dQ = scale dS K,  dK = scale dS^T Q. Rows of all query heads of a group add up in dK and dV.
void AttentionCore::attend_backward(Tensor dqkv, Tensor dcontext, const Saved& s, int share,
                                    RankContext& ctx) {
  const Index h = share_.heads, k = share_.kv_heads, first = share * (h + 2 * k) * C_;
  const float scale = 1 / std::sqrt(static_cast<float>(C_));
  Tensor dout(ctx.device, s.x.q.shape(), s.x.q.dtype());  // [B,h,S,C]
  ctx.math.split_heads(dout, dcontext, share * h * C_, ctx.compute);
  Tensor dv(ctx.device, s.x.v.shape(), s.x.v.dtype());  // [B,k,S,C]
  ctx.math.gemm(per_kv_head(dv), s.p, Transpose::yes, per_group(dout), Transpose::no,
                {.name = "gemm dV"}, ctx.compute);
  Tensor dp(ctx.device, s.p.shape(), s.p.dtype());  // [B k, (h/k) S, S], then dS
  ctx.math.gemm(dp, per_group(dout), Transpose::no, per_kv_head(s.x.v), Transpose::yes,
                {.name = "gemm dP"}, ctx.compute);
  ctx.math.causal_softmax_backward(dp, dp, s.p, ctx.compute);
  Tensor dq(ctx.device, s.x.q.shape(), s.x.q.dtype()), dk(ctx.device, s.x.k.shape(), s.x.k.dtype());
  ctx.math.gemm(per_group(dq), dp, Transpose::no, per_kv_head(s.x.k), Transpose::no,
                {.alpha = scale, .name = "gemm dQ"}, ctx.compute);
  ctx.math.gemm(per_kv_head(dk), dp, Transpose::yes, per_group(s.x.q), Transpose::no,
                {.alpha = scale, .name = "gemm dK"}, ctx.compute);
  if (rotary_theta_ > 0) {
    ctx.math.rotary(dq, dq, rotary_theta_, /*inverse=*/true, ctx.compute);
    ctx.math.rotary(dk, dk, rotary_theta_, /*inverse=*/true, ctx.compute);
  }
  ctx.math.merge_heads(dqkv, dq, first, ctx.compute);
  ctx.math.merge_heads(dqkv, dk, first + h * C_, ctx.compute);
  ctx.math.merge_heads(dqkv, dv, first + (h + k) * C_, ctx.compute);
}

Attention::Attention(RankContext& ctx, const std::string& name, Index D, AttentionOptions o) {
  const HeadShare share = head_share(o.heads, o.kv_heads, ctx.tp.size());
  if (D % o.heads != 0) usage_error(text("--heads ", o.heads, " must divide --hidden ", D));
  const Index C = D / o.heads;
  if (o.rotary_theta > 0 && C % 2 != 0)
    usage_error(text("rotary embedding needs an even head dimension, --hidden ", D, " / --heads ",
                     o.heads, " is ", C));
  if (!o.paired && o.twin.style != TpStyle::plain)
    usage_error(text("naive attention has no style ", name_of(o.twin.style)));
  add(make_column(
      ctx,
      {{.name = name + ".q", .outputs = o.heads * C},
       {.name = name + ".k", .outputs = o.kv_heads * C, .replicas = share.kv_replicas},
       {.name = name + ".v", .outputs = o.kv_heads * C, .replicas = share.kv_replicas}},
      D,
      {.bias = o.bias, .gather_output = !o.paired, .sum_input_gradient = o.sums, .dtype = o.dtype},
      o.twin));
  const int shares = o.paired ? 1 : ctx.tp.size();
  if (o.cached)
    add(std::make_unique<CachedAttentionCore>(ctx, share, shares, C, o));
  else
    add(std::make_unique<AttentionCore>(share, shares, C, o));
  if (o.paired)
    add(make_row(ctx, name + ".out", D, D, {.bias = o.bias, .sum_output = o.sums, .dtype = o.dtype},
                 o.twin));
  else
    add(make_column(ctx, {{.name = name + ".out", .outputs = D}}, D,
                    {.bias = o.bias, .gather_output = true, .dtype = o.dtype}, o.twin));
}

}  // namespace shardpipe
