// InferenceStage: what one pipeline stage holds of a decoder that only goes forward, with a
// key/value cache for every layer. Its weights are those of DecoderStage, under the same names, so
// fill and read_checkpoint serve both; gradients are not held.
// Letters: G groups of B sequences, S new positions of each, D features, t tensor-parallel ranks.
//   first stage     x = embedding(tokens) (+ positions)
//   every stage     x = block(x), whose attention appends to the cache and looks at all of it
//   last stage      token = arg max of head(norm(x of the last position))
// Prefill and decode are the same call: S is the prompt's length the first time, then 1.
#pragma once

#include "core/model/decoder_stage.h"
#include "core/tensor_parallel/kv_cache.h"

namespace shardpipe {

class InferenceStage {
 public:
  // Room for config.sequence positions a sequence, allocated here. Usage errors as DecoderStage.
  InferenceStage(RankContext& ctx, const DecoderConfig& config, StageRange range, int groups,
                 Index sequences);
  InferenceStage(const InferenceStage&) = delete;  // its layers refer to its sequences
  InferenceStage& operator=(const InferenceStage&) = delete;

  void fill(RankContext& ctx, const Fill& fill);
  std::vector<Parameter*> parameters();

  // The next S positions of a group: i32 [B S] in the first stage, x [B S, D] in the others.
  // Returns x [B S, D], or in the last stage the next token of each sequence, i32 [B], the same on
  // every tensor-parallel rank. Throws if the positions do not fit.
  Tensor forward(Tensor x, int group, RankContext& ctx);
  // The group's next position is 0 again. Costs nothing: what the cache holds is not looked at.
  void restart(int group);

  // Of this rank: 2 (keys, values) B k C size(dtype) a position, layer and group; k heads of t.
  std::int64_t cache_bytes() const;

 private:
  void add(std::unique_ptr<Layer> layer);
  Tensor next_tokens(Tensor x, Index S, int group, RankContext& ctx);

  DecoderConfig config_;
  int layers_here_;
  Index kv_heads_here_;
  CachedSequences sequences_;
  DecoderEmbedding* embedding_ = nullptr;       // the first of layers_, in the first stage
  std::vector<std::unique_ptr<Layer>> layers_;  // embedding and blocks
  std::unique_ptr<Layer> norm_;                 // of the last stage, as is the head
  std::unique_ptr<DecoderHead> head_;
};

}  // namespace shardpipe
