#include "core/model/decoder_ends.h"

namespace shardpipe {

DecoderEmbedding::DecoderEmbedding(RankContext& ctx, const DecoderConfig& config,
                                   const DecoderParts& parts)
    : has_positions_(config.family == Family::gpt2),
      splits_tokens_(splits_tokens(config.twin.style)),
      sequence_(config.sequence),
      table_(make_vocabulary_table(ctx, "embedding.weight", config.vocabulary, config.hidden,
                                   weight_type(config))) {
  embedding_ = parts.embedding ? parts.embedding(table_)
                               : std::make_unique<VocabParallelEmbedding>(table_, config.vocabulary,
                                                                          splits_tokens_);
  const Shape shape = {config.sequence, config.hidden};
  if (has_positions_)
    positions_ =
        make_parameter(ctx, shape, weight_type(config), replicated("positions.weight", shape));
}

Tensor DecoderEmbedding::forward(Tensor, int microbatch, RankContext& ctx) {
  const Input input = take(inputs_, microbatch);
  Tensor x = embedding_->forward(input.tokens, microbatch, ctx);  // [T,D], or this rank's [T/t,D]
  if (!has_positions_) return x;
  const Index first_token = splits_tokens_ ? ctx.tp.rank() * x.size(0) : 0;
  std::vector<std::int32_t> places;
  for (Index i = first_token; i < first_token + x.size(0); ++i)
    places.push_back(static_cast<std::int32_t>(input.first + i % input.count));
  Tensor place(ctx.device, {x.size(0)}, DType::i32);
  ctx.math.upload(place, places, ctx.compute);
  Tensor shift(ctx.device, x.shape(), x.dtype());  // [T,D]
  ctx.math.embedding(shift, positions_.value, place, 0, ctx.compute);
  ctx.math.add(x, x, shift, ctx.compute);
  saved_places_[microbatch] = place;
  return x;
}

Tensor DecoderEmbedding::backward_input(Tensor dx, int microbatch, RankContext&) {
  saved_dx_[microbatch] = dx;
  return {};
}

void DecoderEmbedding::backward_weight(int microbatch, RankContext& ctx) {
  const Tensor dx = take(saved_dx_, microbatch);
  embedding_->backward(dx, microbatch, ctx);
  if (has_positions_)
    ctx.math.embedding_backward(positions_.grad, dx, take(saved_places_, microbatch), 0,
                                ctx.compute);
}

void DecoderEmbedding::drop(int microbatch) {
  embedding_->drop(microbatch);
  saved_places_.erase(microbatch);
}

// Split by tokens, a rank has seen the positions of its own tokens only.
void DecoderEmbedding::reduce_replicated_gradients(RankContext& ctx) {
  if (has_positions_ && splits_tokens_) ctx.tp.all_reduce(positions_.grad, ctx.compute);
}

std::vector<Parameter*> DecoderEmbedding::parameters() {
  if (has_positions_) return {&table_, &positions_};
  return {&table_};
}

DecoderHead::DecoderHead(RankContext& ctx, const DecoderConfig& config, Parameter* tied,
                         const DecoderParts& parts)
    : own_(tied == nullptr),
      head_(tied == nullptr ? own_table_ : *tied, splits_tokens(config.twin.style)),
      loss_(parts.loss ? parts.loss()
                       : std::make_unique<CrossEntropy>(config.vocabulary,
                                                        /*vocab_parallel=*/config.paired)) {
  if (!own_) return;
  own_table_ = make_vocabulary_table(ctx, config.tied ? "embedding.weight" : "head.weight",
                                     config.vocabulary, config.hidden, weight_type(config));
  own_table_.copy = config.tied;
}

Tensor DecoderHead::forward(Tensor x, int microbatch, RankContext& ctx) {
  return loss_->forward(logits(x, microbatch, ctx), take(targets_, microbatch), microbatch, ctx);
}

Tensor DecoderHead::backward_input(Tensor, int microbatch, RankContext& ctx) {
  return head_.backward_input(loss_->backward(loss_scale_, microbatch, ctx), microbatch, ctx);
}

void DecoderHead::backward_weight(int microbatch, RankContext& ctx) {
  head_.backward_weight(microbatch, ctx);
}

void DecoderHead::drop(int microbatch) {
  head_.drop(microbatch);
  loss_->drop(microbatch);
}

std::vector<Parameter*> DecoderHead::parameters() {
  if (own_) return {&own_table_};
  return {};
}

}  // namespace shardpipe
