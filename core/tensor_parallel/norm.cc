#include "core/tensor_parallel/norm.h"

namespace shardpipe {

Norm::Added Norm::forward_added(Tensor parts, Tensor bias, Tensor x, int microbatch,
                                RankContext& ctx) {
  Tensor h(ctx.device, x.shape(), x.dtype()), y(ctx.device, x.shape(), x.dtype());  // [T,D]
  Tensor stats(ctx.device, {x.size(0), stats_});                                    // [T,2 or 1]
  ctx.math.add_norm({.h = h,
                     .y = y,
                     .stats = stats,
                     .parts = parts,
                     .bias = bias,
                     .x = x,
                     .gamma = scale_.value,
                     .beta = shift_.value,
                     .epsilon = epsilon_},
                    ctx.compute);
  saved_[microbatch] = {.x = h, .stats = stats, .dy = {}};
  return {.h = h, .y = y};
}

Tensor Norm::backward_added(Tensor dy, Tensor dh, int microbatch, RankContext& ctx) {
  Saved& s = kept(saved_, microbatch);
  s.dy = dy;
  Tensor sum(ctx.device, dy.shape(), dy.dtype());  // [T,D]
  ctx.math.add_norm_backward_input(
      {.dh = sum, .dy = dy, .dsum = dh, .h = s.x, .stats = s.stats, .gamma = scale_.value},
      ctx.compute);
  return sum;
}

LayerNorm::LayerNorm(RankContext& ctx, const std::string& name, Index D, WeightType type,
                     float epsilon)
    : Norm(2, epsilon, make_parameter(ctx, {D}, type, replicated(name + ".scale", {D})),
           make_parameter(ctx, {D}, type, replicated(name + ".bias", {D}))) {}

Tensor LayerNorm::forward(Tensor x, int microbatch, RankContext& ctx) {
  Tensor y(ctx.device, x.shape(), x.dtype());     // [T,D]
  Tensor stats(ctx.device, {x.size(0), stats_});  // [T,2]
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

RmsNorm::RmsNorm(RankContext& ctx, const std::string& name, Index D, WeightType type, float epsilon)
    : Norm(1, epsilon, make_parameter(ctx, {D}, type, replicated(name + ".scale", {D})), {}) {}

Tensor RmsNorm::forward(Tensor x, int microbatch, RankContext& ctx) {
  Tensor y(ctx.device, x.shape(), x.dtype());     // [T,D]
  Tensor stats(ctx.device, {x.size(0), stats_});  // [T,1]
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

std::unique_ptr<Norm> make_norm(RankContext& ctx, NormKind kind, const std::string& name, Index D,
                                WeightType type, float epsilon) {
  if (kind == NormKind::layer_norm) return std::make_unique<LayerNorm>(ctx, name, D, type, epsilon);
  return std::make_unique<RmsNorm>(ctx, name, D, type, epsilon);
}

}  // namespace shardpipe
