// Decoder: a whole language model on the ranks of one tensor-parallel group.
// T = B S tokens; tokens and targets are i32 [T], whole sequences of S.
//   x = embedding(tokens) (+ positions);  x = block(x) for every layer;
//   loss = cross_entropy(head(norm(x)), targets)
#pragma once

#include <memory>
#include <vector>

#include "core/model/config.h"
#include "core/tensor_parallel/vocabulary.h"

namespace shardpipe {

class Decoder {
 public:
  // Throws a usage error if the shape is impossible on ctx.tp.size() ranks. Weights are not yet
  // set.
  Decoder(RankContext& ctx, const DecoderConfig& config);

  Decoder(const Decoder&) = delete;  // its parts refer to its tables
  Decoder& operator=(const Decoder&) = delete;

  // The same numbers for every tensor-parallel size.
  void fill(RankContext& ctx, const Fill& fill);

  // Mean loss over the tokens, [1] f32, the same on every rank.
  Tensor forward(Tensor tokens, Tensor targets, int microbatch, RankContext& ctx);
  // Gradients of scale * loss are added to every parameter's grad.
  void backward(float scale, int microbatch, RankContext& ctx);
  // Once a step, after the last backward.
  void reduce_replicated_gradients(RankContext& ctx);

  std::vector<Parameter*> parameters();
  const DecoderConfig& config() const { return config_; }

 private:
  Tensor embed(Tensor tokens, int microbatch, RankContext& ctx);
  void embed_backward(Tensor dx, int microbatch, RankContext& ctx);

  DecoderConfig config_;
  Parameter table_, head_table_, positions_;  // head_table_ unless tied; positions_ in gpt2
  VocabParallelEmbedding embedding_;
  Sequential trunk_;  // blocks and the last norm
  VocabParallelHead head_;
  CrossEntropy loss_;
  std::map<int, Tensor> saved_places_;  // i32 [T]: the position of each token
};

}  // namespace shardpipe
