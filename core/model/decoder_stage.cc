#include "core/model/decoder_stage.h"

#include "core/model/recomputed.h"
#include "core/tensor_parallel/sequence_linear.h"

namespace shardpipe {

DecoderStage::DecoderStage(RankContext& ctx, const DecoderConfig& config, StageRange range,
                           bool recompute, const DecoderParts& parts)
    : config_((check_config(config, ctx.tp.size()), config)) {
  if (range.first) {
    auto embedding = std::make_unique<DecoderEmbedding>(ctx, config, parts);
    embedding_ = embedding.get();
    layers_.push_back(std::move(embedding));
  }
  for (int layer = range.first_layer; layer < range.first_layer + range.layers; ++layer) {
    std::unique_ptr<Layer> block =
        parts.block ? parts.block(ctx, layer) : make_block(ctx, layer, config);
    if (recompute) block = std::make_unique<Recomputed>(std::move(block));
    layers_.push_back(std::move(block));
  }
  if (!range.last) return;
  std::unique_ptr<Layer> norm = make_norm(ctx, block_options(config).norm, "norm", config.hidden,
                                          weight_type(config), config.norm_epsilon);
  if (splits_tokens(config.twin.style)) norm = std::make_unique<OnOwnTokens>(std::move(norm));
  layers_.push_back(std::move(norm));
  Parameter* tied = config.tied && embedding_ ? &embedding_->table() : nullptr;
  auto head = std::make_unique<DecoderHead>(ctx, config, tied, parts);
  head_ = head.get();
  layers_.push_back(std::move(head));
}

void DecoderStage::fill(RankContext& ctx, const Fill& fill) {
  for (Parameter* p : parameters()) fill_parameter(ctx, *p, fill);
}

void DecoderStage::set_batch(int microbatch, Tensor tokens, Tensor targets) {
  if (embedding_) embedding_->set_tokens(microbatch, tokens);
  if (head_) head_->set_targets(microbatch, targets);
}

void DecoderStage::set_loss_scale(float scale) {
  if (head_) head_->set_loss_scale(scale);
}

Tensor DecoderStage::forward(Tensor x, int microbatch, RankContext& ctx) {
  const Scope mark = ctx.scope({.microbatch = microbatch, .phase = Phase::forward});
  for (auto& layer : layers_) x = layer->forward(x, microbatch, ctx);
  return x;
}

Tensor DecoderStage::backward_input(Tensor dy, int microbatch, RankContext& ctx) {
  const Scope mark = ctx.scope({.microbatch = microbatch, .phase = Phase::backward_input});
  for (auto it = layers_.rbegin(); it != layers_.rend(); ++it)
    dy = (*it)->backward_input(dy, microbatch, ctx);
  return dy;
}

void DecoderStage::backward_weight(int microbatch, RankContext& ctx) {
  const Scope mark = ctx.scope({.microbatch = microbatch, .phase = Phase::backward_weight});
  for (auto it = layers_.rbegin(); it != layers_.rend(); ++it) {
    (*it)->backward_weight(microbatch, ctx);
    tell(**it);
  }
}

Tensor DecoderStage::backward(Tensor dy, int microbatch, RankContext& ctx) {
  const Scope mark = ctx.scope({.microbatch = microbatch, .phase = Phase::backward});
  for (auto it = layers_.rbegin(); it != layers_.rend(); ++it) {
    dy = (*it)->backward(dy, microbatch, ctx);
    tell(**it);
  }
  return dy;
}

void DecoderStage::drop(int microbatch) {
  for (auto& layer : layers_) layer->drop(microbatch);
}

void DecoderStage::reduce_replicated_gradients(RankContext& ctx) {
  const Scope mark = ctx.scope({.phase = Phase::backward});
  for (auto& layer : layers_) layer->reduce_replicated_gradients(ctx);
}

std::vector<Parameter*> DecoderStage::parameters() {
  std::vector<Parameter*> all;
  for (auto& layer : layers_)
    for (Parameter* p : layer->parameters()) all.push_back(p);
  return all;
}

Parameter* DecoderStage::shared_table() {
  if (!config_.tied || (embedding_ && head_)) return nullptr;
  if (embedding_) return &embedding_->table();
  return head_ ? head_->own_table() : nullptr;
}

// A tied table of one stage is told with the embedding, whose part of the gradient comes last.
void DecoderStage::tell(Layer& layer) {
  if (listener_) listener_(layer.parameters());
}

}  // namespace shardpipe
