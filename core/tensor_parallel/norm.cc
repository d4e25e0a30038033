#include "core/tensor_parallel/norm.h"

namespace shardpipe {

LayerNorm::LayerNorm(RankContext& ctx, const std::string& name, Index D, DType dtype, float epsilon)
    : epsilon_(epsilon),
      scale_(make_parameter(ctx, {D}, dtype, replicated(name + ".scale", {D}))),
      shift_(make_parameter(ctx, {D}, dtype, replicated(name + ".bias", {D}))) {}

Tensor LayerNorm::forward(Tensor x, int microbatch, RankContext& ctx) {
  Tensor y(ctx.device, x.shape(), x.dtype());  // [T,D]
  Tensor stats(ctx.device, {x.size(0), 2});    // [T,2]
  ctx.math.layer_norm(y, stats, x, scale_.value, shift_.value, epsilon_, ctx.compute);
  saved_[microbatch] = {.x = x, .stats = stats, .dy = {}};
  return y;
}

Tensor LayerNorm::backward_input(Tensor dy, int microbatch, RankContext& ctx) {
  Saved& s = kept(saved_, microbatch);
  s.dy = dy;
  Tensor dx(ctx.device, dy.shape(), dy.dtype());  // [T,D]
  ctx.math.layer_norm_backward_input(dx, dy, s.x, s.stats, scale_.value, ctx.compute);
  return dx;
}

void LayerNorm::backward_weight(int microbatch, RankContext& ctx) {
  const Saved s = take(saved_, microbatch);
  ctx.math.layer_norm_backward_weight(scale_.grad, shift_.grad, s.dy, s.x, s.stats, ctx.compute);
}

RmsNorm::RmsNorm(RankContext& ctx, const std::string& name, Index D, DType dtype, float epsilon)
    : epsilon_(epsilon),
      scale_(make_parameter(ctx, {D}, dtype, replicated(name + ".scale", {D}))) {}

Tensor RmsNorm::forward(Tensor x, int microbatch, RankContext& ctx) {
  Tensor y(ctx.device, x.shape(), x.dtype());  // [T,D]
  Tensor stats(ctx.device, {x.size(0), 1});    // [T,1]
  ctx.math.rms_norm(y, stats, x, scale_.value, epsilon_, ctx.compute);
  saved_[microbatch] = {.x = x, .stats = stats, .dy = {}};
  return y;
}

Tensor RmsNorm::backward_input(Tensor dy, int microbatch, RankContext& ctx) {
  Saved& s = kept(saved_, microbatch);
  s.dy = dy;
  Tensor dx(ctx.device, dy.shape(), dy.dtype());  // [T,D]
  ctx.math.rms_norm_backward_input(dx, dy, s.x, s.stats, scale_.value, ctx.compute);
  return dx;
}

void RmsNorm::backward_weight(int microbatch, RankContext& ctx) {
  const Saved s = take(saved_, microbatch);
  ctx.math.rms_norm_backward_weight(scale_.grad, s.dy, s.x, s.stats, ctx.compute);
}

std::unique_ptr<Layer> make_norm(RankContext& ctx, NormKind kind, const std::string& name, Index D,
                                 DType dtype) {
  if (kind == NormKind::layer_norm) return std::make_unique<LayerNorm>(ctx, name, D, dtype);
  return std::make_unique<RmsNorm>(ctx, name, D, dtype);
}

}  // namespace shardpipe
