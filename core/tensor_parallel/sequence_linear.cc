#include "core/tensor_parallel/sequence_linear.h"

#include "core/tensor_parallel/regions.h"

namespace shardpipe {

Tensor SequenceColumnLinear::forward(Tensor x, int microbatch, RankContext& ctx) {
  saved_[microbatch].x = x;                                       // [T/t,D]
  x = gather_rows(x, ctx);                                        // [T,D]
  Tensor y(ctx.device, {x.size(0), local_outputs()}, x.dtype());  // [T,F/t]
  multiply(y, x, ctx);
  return y;
}

Tensor SequenceColumnLinear::backward_input(Tensor dy, int microbatch, RankContext& ctx) {
  kept(saved_, microbatch).dy = dy;
  return reduce_rows(input_gradient(dy, ctx), ctx);
}

void SequenceColumnLinear::backward_weight(int microbatch, RankContext& ctx) {
  const Saved saved = take(saved_, microbatch);
  add_weight_gradient(saved.dy, gather_rows(saved.x, ctx), ctx);
}

Tensor SequenceRowLinear::forward(Tensor x, int microbatch, RankContext& ctx) {
  Tensor y(ctx.device, {x.size(0), outputs()}, x.dtype());  // [T,F], a partial sum
  multiply(y, x, ctx);
  y = reduce_rows(y, ctx);  // [T/t,F]
  add_bias(y, ctx);
  saved_[microbatch].x = x;
  return y;
}

// dy of all tokens is kept for dW, whose bias part is then complete on every rank.
Tensor SequenceRowLinear::backward_input(Tensor dy, int microbatch, RankContext& ctx) {
  dy = gather_rows(dy, ctx);  // [T,F]
  kept(saved_, microbatch).dy = dy;
  Tensor dx(ctx.device, {dy.size(0), inputs()}, dy.dtype());  // [T,D/t]
  input_gradient(dx, dy, ctx);
  return dx;
}

Tensor OnOwnTokens::forward(Tensor x, int microbatch, RankContext& ctx) {
  return layer_->forward(x, microbatch, ctx);
}

Tensor OnOwnTokens::backward_input(Tensor dy, int microbatch, RankContext& ctx) {
  return layer_->backward_input(dy, microbatch, ctx);
}

void OnOwnTokens::backward_weight(int microbatch, RankContext& ctx) {
  layer_->backward_weight(microbatch, ctx);
}

void OnOwnTokens::reduce_replicated_gradients(RankContext& ctx) {
  for (Parameter* p : layer_->parameters()) ctx.tp.all_reduce(p->grad, ctx.compute);
}

}  // namespace shardpipe
