#include "core/tensor_parallel/block.h"

#include "core/tensor_parallel/sequence_linear.h"

namespace shardpipe {
namespace {

// dx of x + inner(x), given dy and what inner's backward made of it.
Tensor add_gradients(Tensor dinner, Tensor dy, RankContext& ctx) {
  ctx.math.add(dinner, dinner, dy, ctx.compute);
  return dinner;
}

}  // namespace

TransformerBlock::TransformerBlock(RankContext& ctx, int layer, const BlockOptions& o)
    : layer_(layer) {
  const std::string name = text("blocks.", layer);
  if (o.mlp.twin.style != o.attention.twin.style)
    fail(text(name, ": attention and MLP leave x in different shapes"));
  const auto norm = [&](const char* which) -> std::unique_ptr<Layer> {
    auto plain = make_norm(ctx, o.norm, name + which, o.D, o.mlp.dtype, o.norm_epsilon);
    if (!splits_tokens(o.mlp.twin.style)) return plain;
    return std::make_unique<OnOwnTokens>(std::move(plain));
  };
  attention_.add(norm(".norm1"));
  attention_.add(std::make_unique<Attention>(ctx, name + ".attention", o.D, o.attention));
  mlp_.add(norm(".norm2"));
  if (o.gated)
    mlp_.add(std::make_unique<GatedMlp>(ctx, name + ".mlp", o.D, o.F, o.mlp));
  else
    mlp_.add(std::make_unique<Mlp>(ctx, name + ".mlp", o.D, o.F, o.mlp));
}

Tensor TransformerBlock::add_branch(Tensor x, Sequential& inner, int microbatch, RankContext& ctx) {
  Tensor y = inner.forward(x, microbatch, ctx);  // [T,D]
  ctx.math.add(y, y, x, ctx.compute);
  return y;
}

Tensor TransformerBlock::forward(Tensor x, int microbatch, RankContext& ctx) {
  const Scope mark = ctx.scope({.layer = layer_});
  Tensor z = add_branch(x, attention_, microbatch, ctx);
  return add_branch(z, mlp_, microbatch, ctx);
}

Tensor TransformerBlock::backward_input(Tensor dy, int microbatch, RankContext& ctx) {
  const Scope mark = ctx.scope({.layer = layer_});
  Tensor dz = add_gradients(mlp_.backward_input(dy, microbatch, ctx), dy, ctx);
  return add_gradients(attention_.backward_input(dz, microbatch, ctx), dz, ctx);
}

void TransformerBlock::backward_weight(int microbatch, RankContext& ctx) {
  const Scope mark = ctx.scope({.layer = layer_});
  mlp_.backward_weight(microbatch, ctx);
  attention_.backward_weight(microbatch, ctx);
}

Tensor TransformerBlock::backward(Tensor dy, int microbatch, RankContext& ctx) {
  const Scope mark = ctx.scope({.layer = layer_});
  Tensor dz = add_gradients(mlp_.backward(dy, microbatch, ctx), dy, ctx);
  return add_gradients(attention_.backward(dz, microbatch, ctx), dz, ctx);
}

void TransformerBlock::drop(int microbatch) {
  attention_.drop(microbatch);
  mlp_.drop(microbatch);
}

void TransformerBlock::reduce_replicated_gradients(RankContext& ctx) {
  const Scope mark = ctx.scope({.layer = layer_});
  attention_.reduce_replicated_gradients(ctx);
  mlp_.reduce_replicated_gradients(ctx);
}

std::vector<Parameter*> TransformerBlock::parameters() {
  std::vector<Parameter*> all = attention_.parameters();
  for (Parameter* p : mlp_.parameters()) all.push_back(p);
  return all;
}

}  // namespace shardpipe
