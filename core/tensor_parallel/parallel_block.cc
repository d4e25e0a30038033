#include "core/tensor_parallel/parallel_block.h"

namespace shardpipe {
namespace {

// a += b
Tensor add(Tensor a, Tensor b, RankContext& ctx) {
  ctx.math.add(a, a, b, ctx.compute);
  return a;
}

}  // namespace

ParallelBlock::ParallelBlock(RankContext& ctx, int layer, const BlockOptions& options)
    : layer_(layer) {
  for (const TpStyle style : {options.attention.twin.style, options.mlp.twin.style})
    if (style != TpStyle::plain)
      usage_error(text("a parallel block has no style ", name_of(style)));
  const std::string name = text("blocks.", layer);
  if (options.attention.bias || options.mlp.bias)
    fail(text(name, ": biases of a parallel block would be added t times"));
  AttentionOptions attention = options.attention;
  MlpOptions mlp = options.mlp;
  attention.sums = mlp.sums = false;  // left to this block
  norm_ = make_norm(ctx, options.norm, name + ".norm", options.D, mlp.dtype, options.norm_epsilon);
  attention_ = std::make_unique<Attention>(ctx, name + ".attention", options.D, attention);
  if (options.gated)
    mlp_ = std::make_unique<GatedMlp>(ctx, name + ".mlp", options.D, options.F, mlp);
  else
    mlp_ = std::make_unique<Mlp>(ctx, name + ".mlp", options.D, options.F, mlp);
}

Tensor ParallelBlock::forward(Tensor x, int microbatch, RankContext& ctx) {
  const Scope mark = ctx.scope({.layer = layer_});
  const Tensor n = norm_->forward(x, microbatch, ctx);
  Tensor y = attention_->forward(n, microbatch, ctx);  // [T,D], a partial sum, as the next
  y = add(y, mlp_->forward(n, microbatch, ctx), ctx);
  ctx.tp.all_reduce(y, ctx.compute);
  return add(y, x, ctx);
}

Tensor ParallelBlock::backward_input(Tensor dy, int microbatch, RankContext& ctx) {
  const Scope mark = ctx.scope({.layer = layer_});
  Tensor dn = mlp_->backward_input(dy, microbatch, ctx);  // [T,D], a partial sum, as the next
  dn = add(dn, attention_->backward_input(dy, microbatch, ctx), ctx);
  ctx.tp.all_reduce(dn, ctx.compute);
  return add(norm_->backward_input(dn, microbatch, ctx), dy, ctx);
}

void ParallelBlock::backward_weight(int microbatch, RankContext& ctx) {
  const Scope mark = ctx.scope({.layer = layer_});
  mlp_->backward_weight(microbatch, ctx);
  attention_->backward_weight(microbatch, ctx);
  norm_->backward_weight(microbatch, ctx);
}

void ParallelBlock::drop(int microbatch) {
  for (Layer* layer : {norm_.get(), attention_.get(), mlp_.get()}) layer->drop(microbatch);
}

void ParallelBlock::reduce_replicated_gradients(RankContext& ctx) {
  const Scope mark = ctx.scope({.layer = layer_});
  attention_->reduce_replicated_gradients(ctx);
}

std::vector<Parameter*> ParallelBlock::parameters() {
  std::vector<Parameter*> all;
  for (Layer* layer : {norm_.get(), attention_.get(), mlp_.get()})
    for (Parameter* p : layer->parameters()) all.push_back(p);
  return all;
}

}  // namespace shardpipe
