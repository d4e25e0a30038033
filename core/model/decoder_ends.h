// The two ends of a decoder as layers: tokens -> x [T,D], and x [T,D] -> loss [1]. With a style
// that splits tokens x is [T/t,D]; tokens, logits and targets are those of all T.
#pragma once

#include <functional>

#include "core/model/config.h"
#include "core/tensor_parallel/vocabulary.h"

namespace shardpipe {

// What stands in for parts of a decoder, such as a learner's code. Empty: the kit's.
struct DecoderParts {
  std::function<std::unique_ptr<TokenEmbedding>(Parameter& table)> embedding = {};
  std::function<std::unique_ptr<Layer>(RankContext& ctx, int layer)> block = {};
  std::function<std::unique_ptr<TokenLoss>()> loss = {};
};

// x = embedding(tokens) (+ positions in gpt2). There is no dx.
class DecoderEmbedding : public Layer {
 public:
  DecoderEmbedding(RankContext& ctx, const DecoderConfig& config, const DecoderParts& parts = {});

  void set_tokens(int microbatch, Tensor tokens) { set_tokens(microbatch, tokens, 0, sequence_); }
  // Tokens of positions first .. first + count - 1 of each sequence.
  void set_tokens(int microbatch, Tensor tokens, Index first, Index count) {
    inputs_[microbatch] = {tokens, first, count};
  }
  Tensor forward(Tensor unused, int microbatch, RankContext& ctx) override;
  Tensor backward_input(Tensor dx, int microbatch, RankContext& ctx) override;  // -> empty
  void backward_weight(int microbatch, RankContext& ctx) override;
  void drop(int microbatch) override;
  void reduce_replicated_gradients(RankContext& ctx) override;
  std::vector<Parameter*> parameters() override;
  Parameter& table() { return table_; }

 private:
  bool has_positions_, splits_tokens_;
  Index sequence_;
  Parameter table_, positions_;
  std::unique_ptr<TokenEmbedding> embedding_;
  struct Input {
    Tensor tokens = {};
    Index first = 0, count = 0;
  };
  std::map<int, Input> inputs_;
  std::map<int, Tensor> saved_places_;  // i32: the position of each token of x
  std::map<int, Tensor> saved_dx_;
};

// loss = cross_entropy(x table^T, targets).
class DecoderHead : public Layer {
 public:
  // tied: the embedding's table, if this rank has it; otherwise the head has its own.
  DecoderHead(RankContext& ctx, const DecoderConfig& config, Parameter* tied,
              const DecoderParts& parts = {});

  void set_targets(int microbatch, Tensor targets) { targets_[microbatch] = targets; }
  void set_loss_scale(float scale) { loss_scale_ = scale; }
  Tensor logits(Tensor x, int microbatch, RankContext& ctx) {  // [T,D] -> [T,V'/t]
    return head_.forward(x, microbatch, ctx);
  }
  Tensor forward(Tensor x, int microbatch, RankContext& ctx) override;
  Tensor backward_input(Tensor unused, int microbatch, RankContext& ctx) override;
  void backward_weight(int microbatch, RankContext& ctx) override;
  void drop(int microbatch) override;
  std::vector<Parameter*> parameters() override;
  Parameter* own_table() { return own_ ? &own_table_ : nullptr; }

 private:
  bool own_;
  Parameter own_table_;
  VocabParallelHead head_;
  std::unique_ptr<TokenLoss> loss_;
  float loss_scale_ = 1;
  std::map<int, Tensor> targets_;
};

}  // namespace shardpipe
