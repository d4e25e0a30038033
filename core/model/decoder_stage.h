// DecoderStage: consecutive layers of a decoder as one Layer: the whole model, or what one pipeline
// stage holds of it. T = B S tokens; tokens and targets are i32 [T], whole sequences of S.
//   first stage     x = embedding(tokens) (+ positions)
//   every stage     x = block(x) for each of its layers
//   last stage      loss = cross_entropy(head(norm(x)), targets)
// Between stages goes x [T,D] forward and dx [T,D] backward; [T/t,D] with a style that splits
// tokens.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "core/model/decoder_ends.h"

namespace shardpipe {

// Which part of the model: layers first_layer .. first_layer + layers - 1, and its ends.
struct StageRange {
  int first_layer = 0, layers = 0;
  bool first = true, last = true;  // it begins with the embedding; it ends with head and loss
};

class DecoderStage : public Layer {
 public:
  // Throws a usage error if the shape is impossible on ctx.tp.size() ranks. Weights are not yet
  // set. recompute: a block keeps only its input and runs forward again before its backward.
  DecoderStage(RankContext& ctx, const DecoderConfig& config, StageRange range,
               bool recompute = false, const DecoderParts& parts = {});
  DecoderStage(const DecoderStage&) = delete;  // its layers refer to its tables
  DecoderStage& operator=(const DecoderStage&) = delete;

  // The same numbers for every tensor-parallel size and every split into stages.
  void fill(RankContext& ctx, const Fill& fill);

  // Before forward of a micro-batch. The first stage keeps the tokens, the last the targets.
  void set_batch(int microbatch, Tensor tokens, Tensor targets);
  // Gradients are those of scale * (mean loss of a micro-batch).
  void set_loss_scale(float scale);

  // The first stage looks at its tokens and not at x. The last gives the mean loss over the tokens,
  // [1] f32, the same on every tensor-parallel rank.
  Tensor forward(Tensor x, int microbatch, RankContext& ctx) override;
  // The last stage does not look at dy. The first gives an empty Tensor.
  Tensor backward_input(Tensor dy, int microbatch, RankContext& ctx) override;
  void backward_weight(int microbatch, RankContext& ctx) override;
  Tensor backward(Tensor dy, int microbatch, RankContext& ctx) override;
  void drop(int microbatch) override;
  void reduce_replicated_gradients(RankContext& ctx) override;
  std::vector<Parameter*> parameters() override;

  // Called during backward with a layer's parameters after its gradients of a micro-batch were
  // added, from the last layer to the first: what data parallelism overlaps with.
  using Listener = std::function<void(const std::vector<Parameter*>&)>;
  void on_gradients(Listener listener) { listener_ = std::move(listener); }
  // The vocabulary table that the first and the last stage both hold where embeddings are tied and
  // they are two; otherwise nullptr.
  Parameter* shared_table();
  const DecoderConfig& config() const { return config_; }

 private:
  void tell(Layer& layer);

  DecoderConfig config_;
  std::vector<std::unique_ptr<Layer>> layers_;  // in the order of forward
  DecoderEmbedding* embedding_ = nullptr;       // the first of them, in the first stage
  DecoderHead* head_ = nullptr;                 // the last of them, in the last stage
  Listener listener_;
};

}  // namespace shardpipe
