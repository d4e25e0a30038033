#include "core/model/inference_stage.h"

#include "core/tensor_parallel/greedy.h"

namespace shardpipe {
namespace {

void drop_gradients(Layer& layer) {
  for (Parameter* p : layer.parameters()) p->grad = {};
}

}  // namespace

InferenceStage::InferenceStage(RankContext& ctx, const DecoderConfig& config, StageRange range,
                               int groups, Index sequences)
    : config_((check_config(config, ctx.tp.size()), config)),
      layers_here_(range.layers),
      sequences_{.sequences = sequences,
                 .positions = config.sequence,
                 .length = std::vector<Index>(static_cast<std::size_t>(groups), 0)} {
  if (config.twin.style != TpStyle::plain || config.fused)
    usage_error("inference knows plain tensor parallelism only (allowed: --style plain)");
  const HeadShare share = head_share(config.heads, config.kv_heads, ctx.tp.size());
  kv_heads_here_ = share.kv_heads * (config.paired ? 1 : ctx.tp.size());
  if (range.first) {
    auto embedding = std::make_unique<DecoderEmbedding>(ctx, config);
    embedding_ = embedding.get();
    add(std::move(embedding));
  }
  BlockOptions options = block_options(config);
  options.attention.cached = &sequences_;
  for (int layer = range.first_layer; layer < range.first_layer + range.layers; ++layer)
    add(std::make_unique<TransformerBlock>(ctx, layer, options));
  if (!range.last) return;
  norm_ = make_norm(ctx, options.norm, "norm", config.hidden, config.dtype, config.norm_epsilon);
  drop_gradients(*norm_);
  Parameter* tied = config.tied && embedding_ ? &embedding_->table() : nullptr;
  head_ = std::make_unique<DecoderHead>(ctx, config, tied);
  drop_gradients(*head_);
}

void InferenceStage::add(std::unique_ptr<Layer> layer) {
  drop_gradients(*layer);
  layers_.push_back(std::move(layer));
}

void InferenceStage::fill(RankContext& ctx, const Fill& fill) {
  for (Parameter* p : parameters()) fill_parameter(ctx, *p, fill);
}

std::vector<Parameter*> InferenceStage::parameters() {
  std::vector<Parameter*> all;
  auto take_from = [&](Layer* layer) {
    if (layer == nullptr) return;
    for (Parameter* p : layer->parameters()) all.push_back(p);
  };
  for (auto& layer : layers_) take_from(layer.get());
  take_from(norm_.get());
  take_from(head_.get());
  return all;
}

Tensor InferenceStage::forward(Tensor x, int group, RankContext& ctx) {
  const Scope mark = ctx.scope({.microbatch = group, .phase = Phase::forward});
  const Index S = sequences_.new_positions(x.size(0), group);
  Index& length = sequences_.length[static_cast<std::size_t>(group)];
  if (embedding_) embedding_->set_tokens(group, x, length, S);
  for (auto& layer : layers_) {
    x = layer->forward(x, group, ctx);
    layer->drop(group);  // there will be no backward
  }
  length += S;
  return head_ ? next_tokens(x, S, group, ctx) : x;
}

// Only the last position has something to say: [B S, D] -> [B,D], before norm and head.
Tensor InferenceStage::next_tokens(Tensor x, Index S, int group, RankContext& ctx) {
  const Index B = sequences_.sequences, D = config_.hidden;
  Tensor last(ctx.device, {B, D}, x.dtype());
  ctx.math.copy_columns(last, 0, x.reshape({B, S * D}), (S - 1) * D, D, ctx.compute);
  last = norm_->forward(last, group, ctx);
  const Tensor logits = head_->logits(last, group, ctx);  // [B,V'/t]
  norm_->drop(group);
  head_->drop(group);
  return greedy_tokens(logits, config_.vocabulary, config_.paired, ctx);
}

void InferenceStage::restart(int group) {
  sequences_.length.at(static_cast<std::size_t>(group)) = 0;
}

std::int64_t InferenceStage::cache_bytes() const {
  const Index C = config_.hidden / config_.heads;
  return 2 * layers_here_ * static_cast<Index>(sequences_.length.size()) * sequences_.sequences *
         sequences_.positions * kv_heads_here_ * C * size_of(config_.dtype);
}

}  // namespace shardpipe
