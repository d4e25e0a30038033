// Decoder: a whole language model on the ranks of one tensor-parallel group: a DecoderStage that is
// first and last.
#pragma once

#include "core/model/decoder_stage.h"

namespace shardpipe {

class Decoder {
 public:
  // Throws a usage error if the shape is impossible on ctx.tp.size() ranks. Weights are not yet
  // set.
  Decoder(RankContext& ctx, const DecoderConfig& config, const DecoderParts& parts = {})
      : stage_(ctx, config, {.layers = config.layers}, /*recompute=*/false, parts) {}

  // The same numbers for every tensor-parallel size.
  void fill(RankContext& ctx, const Fill& fill) { stage_.fill(ctx, fill); }

  // Mean loss over the tokens, [1] f32, the same on every rank. Tokens and targets are i32 [T].
  Tensor forward(Tensor tokens, Tensor targets, int microbatch, RankContext& ctx) {
    stage_.set_batch(microbatch, tokens, targets);
    return stage_.forward({}, microbatch, ctx);
  }
  // Gradients of scale * loss are added to every parameter's grad.
  void backward(float scale, int microbatch, RankContext& ctx) {
    stage_.set_loss_scale(scale);
    stage_.backward({}, microbatch, ctx);
  }
  // Once a step, after the last backward.
  void reduce_replicated_gradients(RankContext& ctx) { stage_.reduce_replicated_gradients(ctx); }

  std::vector<Parameter*> parameters() { return stage_.parameters(); }
  const DecoderConfig& config() const { return stage_.config(); }

 private:
  DecoderStage stage_;
};

}  // namespace shardpipe
