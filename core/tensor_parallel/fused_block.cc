#include "core/tensor_parallel/fused_block.h"

namespace shardpipe {

FusedBlock::FusedBlock(RankContext& ctx, int layer, const BlockOptions& options, FusedSum sum)
    : layer_(layer), sum_(sum) {
  if (options.mlp.twin.style != TpStyle::plain || options.attention.twin.style != TpStyle::plain ||
      !options.attention.paired)
    usage_error("a fused block is paired and of style plain");
  const std::string name = text("blocks.", layer);
  AttentionOptions attention = options.attention;
  MlpOptions mlp = options.mlp;
  attention.sums = mlp.sums = false;  // left to this block
  mlp.fused_gelu = !options.gated;
  const auto norm = [&](const char* which) {
    return make_norm(ctx, options.norm, name + which, options.D, mlp.dtype, options.norm_epsilon);
  };
  norm1_ = norm(".norm1");
  attention_ = std::make_unique<Attention>(ctx, name + ".attention", options.D, attention);
  norm2_ = norm(".norm2");
  if (options.gated)
    mlp_ = std::make_unique<GatedMlp>(ctx, name + ".mlp", options.D, options.F, mlp);
  else
    mlp_ = std::make_unique<Mlp>(ctx, name + ".mlp", options.D, options.F, mlp);
}

Tensor FusedBlock::parts_of(Tensor y, RankContext& ctx) const {
  const Index T = y.size(0), D = y.size(1);
  const int t = ctx.tp.size();
  if (sum_ == FusedSum::all_reduce || t == 1) {
    ctx.tp.all_reduce(y, ctx.compute);
    return y.reshape({1, T, D});
  }
  Tensor parts(ctx.device, {t, T, D}, y.dtype());
  std::vector<Message> messages;
  for (int peer = 0; peer < t; ++peer) {
    const Tensor part = parts.slice(peer, 1).reshape({T, D});
    if (peer == ctx.tp.rank()) {
      ctx.math.copy(part, y, ctx.compute);
      continue;
    }
    messages.push_back({Direction::send, peer, y});
    messages.push_back({Direction::recv, peer, part});
  }
  ctx.tp.exchange(messages, ctx.compute, "one-shot gather");
  return parts;
}

Tensor FusedBlock::forward(Tensor x, int microbatch, RankContext& ctx) {
  const Scope mark = ctx.scope({.layer = layer_});
  const Tensor n = norm1_->forward(x, microbatch, ctx);
  const Tensor context = attention_->forward(n, microbatch, ctx);  // [T,D], a partial sum
  const Norm::Added z = norm2_->forward_added(parts_of(context, ctx), attention_->deferred_bias(),
                                              x, microbatch, ctx);
  const Tensor out = mlp_->forward(z.y, microbatch, ctx);  // [T,D], a partial sum
  Tensor y(ctx.device, x.shape(), x.dtype());
  ctx.math.add_parts(y, parts_of(out, ctx), mlp_->deferred_bias(), z.h, ctx.compute);
  return y;
}

Tensor FusedBlock::backward_input(Tensor dy, int microbatch, RankContext& ctx) {
  const Scope mark = ctx.scope({.layer = layer_});
  const Tensor dn2 = mlp_->backward_input(dy, microbatch, ctx);  // [T,D], a partial sum
  ctx.tp.all_reduce(dn2, ctx.compute);
  const Tensor dz = norm2_->backward_added(dn2, dy, microbatch, ctx);
  const Tensor dn1 = attention_->backward_input(dz, microbatch, ctx);  // [T,D], a partial sum
  ctx.tp.all_reduce(dn1, ctx.compute);
  return norm1_->backward_added(dn1, dz, microbatch, ctx);
}

void FusedBlock::backward_weight(int microbatch, RankContext& ctx) {
  const Scope mark = ctx.scope({.layer = layer_});
  mlp_->backward_weight(microbatch, ctx);
  norm2_->backward_weight(microbatch, ctx);
  attention_->backward_weight(microbatch, ctx);
  norm1_->backward_weight(microbatch, ctx);
}

void FusedBlock::drop(int microbatch) {
  for (Layer* layer : {attention_.get(), mlp_.get()}) layer->drop(microbatch);
  for (Norm* norm : {norm1_.get(), norm2_.get()}) norm->drop(microbatch);
}

void FusedBlock::reduce_replicated_gradients(RankContext& ctx) {
  const Scope mark = ctx.scope({.layer = layer_});
  attention_->reduce_replicated_gradients(ctx);
}

std::vector<Parameter*> FusedBlock::parameters() {
  std::vector<Parameter*> all;
  for (Layer* layer :
       std::initializer_list<Layer*>{norm1_.get(), attention_.get(), norm2_.get(), mlp_.get()})
    for (Parameter* p : layer->parameters()) all.push_back(p);
  return all;
}

}  // namespace shardpipe
