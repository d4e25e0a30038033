#include "core/tensor_parallel/regions.h"

namespace shardpipe {

Tensor gather_columns(Tensor x, RankContext& ctx, Where where) {
  const int t = ctx.tp.size();
  if (t == 1) return x;
  const OnStream on(ctx.compute, where);
  const Index T = x.size(0), part = x.size(1);
  Tensor parts(ctx.device, {t, T, part}, x.dtype());  // [t,T,F/t]
  ctx.tp.all_gather(parts, x, on);
  Tensor y(ctx.device, {T, t * part}, x.dtype());  // [T,F]
  ctx.math.concat_columns(y, parts, on);
  return y;
}

Tensor own_columns(Tensor x, RankContext& ctx, Where where) {
  const int t = ctx.tp.size();
  if (t == 1) return x;
  const OnStream on(ctx.compute, where);
  const Index part = share_of(x.size(1), "columns", ctx);
  Tensor y(ctx.device, {x.size(0), part}, x.dtype());  // [T,F/t]
  ctx.math.copy_columns(y, 0, x, ctx.tp.rank() * part, part, on);
  return y;
}

Tensor gather_rows(Tensor x, RankContext& ctx, OnStream on) {
  const int t = ctx.tp.size();
  if (t == 1) return x;
  Tensor y(ctx.device, {t * x.size(0), x.size(1)}, x.dtype());  // [T,D]
  ctx.tp.all_gather(y, x, on);
  return y;
}

Tensor reduce_rows(Tensor x, RankContext& ctx, OnStream on) {
  if (ctx.tp.size() == 1) return x;
  Tensor y(ctx.device, {share_of(x.size(0), "tokens", ctx), x.size(1)}, x.dtype());  // [T/t,D]
  ctx.tp.reduce_scatter(y, x, on);
  return y;
}

Index share_of(Index size, const char* what, RankContext& ctx) {
  const int t = ctx.tp.size();
  if (size % t != 0)
    usage_error(text(what, " ", size, " does not divide among --tp ", t,
                     " ranks (allowed: a --tp that divides ", size, ")"));
  return size / t;
}

}  // namespace shardpipe
