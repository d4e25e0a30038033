#include "core/model/decoder.h"

namespace shardpipe {

Decoder::Decoder(RankContext& ctx, const DecoderConfig& config)
    : config_((check_config(config, ctx.tp.size()), config)),
      embedding_(table_, config.vocabulary),
      head_(config.tied ? table_ : head_table_),
      loss_(config.vocabulary, /*vocab_parallel=*/config.paired) {
  const Index D = config.hidden, V = config.vocabulary;
  table_ = make_vocabulary_table(ctx, "embedding.weight", V, D, config.dtype);
  if (!config.tied) head_table_ = make_vocabulary_table(ctx, "head.weight", V, D, config.dtype);
  if (config.family == Family::gpt2)
    positions_ = make_parameter(ctx, {config.sequence, D}, config.dtype,
                                replicated("positions.weight", {config.sequence, D}));
  const BlockOptions options = block_options(config);
  for (int layer = 0; layer < config.layers; ++layer)
    trunk_.add(std::make_unique<TransformerBlock>(ctx, layer, options));
  trunk_.add(make_norm(ctx, options.norm, "norm", D, config.dtype));
}

void Decoder::fill(RankContext& ctx, const Fill& fill) {
  for (Parameter* p : parameters()) fill_parameter(ctx, *p, fill);
}

Tensor Decoder::embed(Tensor tokens, int microbatch, RankContext& ctx) {
  Tensor x = embedding_.forward(tokens, microbatch, ctx);  // [T,D]
  if (config_.family != Family::gpt2) return x;
  std::vector<std::int32_t> places(static_cast<std::size_t>(tokens.size(0)));
  for (std::size_t i = 0; i < places.size(); ++i)
    places[i] = static_cast<std::int32_t>(static_cast<Index>(i) % config_.sequence);
  Tensor place(ctx.device, {tokens.size(0)}, DType::i32);
  ctx.math.upload(place, places, ctx.compute);
  Tensor shift(ctx.device, x.shape(), x.dtype());  // [T,D]
  ctx.math.embedding(shift, positions_.value, place, 0, ctx.compute);
  ctx.math.add(x, x, shift, ctx.compute);
  saved_places_[microbatch] = place;
  return x;
}

void Decoder::embed_backward(Tensor dx, int microbatch, RankContext& ctx) {
  embedding_.backward(dx, microbatch, ctx);
  if (config_.family == Family::gpt2)
    ctx.math.embedding_backward(positions_.grad, dx, take(saved_places_, microbatch), 0,
                                ctx.compute);
}

Tensor Decoder::forward(Tensor tokens, Tensor targets, int microbatch, RankContext& ctx) {
  const Scope mark = ctx.scope({.microbatch = microbatch, .phase = Phase::forward});
  Tensor x = trunk_.forward(embed(tokens, microbatch, ctx), microbatch, ctx);  // [T,D]
  return loss_.forward(head_.forward(x, microbatch, ctx), targets, microbatch, ctx);
}

void Decoder::backward(float scale, int microbatch, RankContext& ctx) {
  const Scope mark = ctx.scope({.microbatch = microbatch, .phase = Phase::backward});
  Tensor dx = head_.backward(loss_.backward(scale, microbatch, ctx), microbatch, ctx);  // [T,D]
  embed_backward(trunk_.backward(dx, microbatch, ctx), microbatch, ctx);
}

void Decoder::reduce_replicated_gradients(RankContext& ctx) {
  const Scope mark = ctx.scope({.phase = Phase::backward});
  trunk_.reduce_replicated_gradients(ctx);
}

std::vector<Parameter*> Decoder::parameters() {
  std::vector<Parameter*> all = {&table_};
  if (config_.family == Family::gpt2) all.push_back(&positions_);
  for (Parameter* p : trunk_.parameters()) all.push_back(p);
  if (!config_.tied) all.push_back(&head_table_);
  return all;
}

}  // namespace shardpipe
