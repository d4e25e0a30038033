// The two ends of a language model, split by vocabulary over t tensor-parallel ranks.
// Letters: T tokens, D features, V vocabulary, V' = V padded to a multiple of t. Rank r holds rows
// r V'/t .. of the table. Source: Megatron-LM, section 3.
//   embedding      forward: all-reduce [T,D]      backward: -
//   logits         forward: -                     backward: all-reduce dx [T,D]
//   cross entropy  forward: all-reduce max [T], target [T], sum [T]; never the full logits
// Naive twin of the last: all-gather the logits [T,V'] and compute the loss on every rank.
// Where x is split by tokens (sequence parallelism, sequence_linear.h) x is [T/t,D], and instead
//   embedding      forward: reduce-scatter [T,D]  backward: all-gather dx [T,D]
//   logits         forward: all-gather [T,D]      backward: reduce-scatter dx, all-gather x again
#pragma once

#include <string>

#include "core/tensor_parallel/layer.h"

namespace shardpipe {

struct VocabularyShare {
  Index padded = 0;  // V'
  Index rows = 0;    // V'/t
  Index first = 0;   // row of the vocabulary that is this rank's row 0
  Index valid = 0;   // rows before the padding starts
};
VocabularyShare vocabulary_share(Index vocabulary, int tp_rank, int t);

// table [V'/t,D] named `name`; its pieces leave the padding out.
Parameter make_vocabulary_table(RankContext& ctx, const std::string& name, Index vocabulary,
                                Index D, WeightType type);

// i32 [n] from the host. Usage error for one that is no token of the vocabulary: no rank has its
// row, so it would be a row of zeros.
Tensor upload_tokens(RankContext& ctx, const std::vector<std::int32_t>& tokens, Index vocabulary);

// Both ends as a decoder uses them; exercises put other code in the kit's place.
class TokenEmbedding {
 public:
  virtual ~TokenEmbedding() = default;
  virtual Tensor forward(Tensor tokens, int microbatch, RankContext& ctx) = 0;
  virtual void backward(Tensor dy, int microbatch, RankContext& ctx) = 0;
  virtual void drop(int microbatch) = 0;
};

class TokenLoss {
 public:
  virtual ~TokenLoss() = default;
  virtual Tensor forward(Tensor logits, Tensor targets, int microbatch, RankContext& ctx) = 0;
  virtual Tensor backward(float scale, int microbatch, RankContext& ctx) = 0;
  virtual void drop(int microbatch) = 0;
};

class VocabParallelEmbedding : public TokenEmbedding {
 public:
  // splits_tokens: y and dy are [T/t,D], of this rank's tokens.
  VocabParallelEmbedding(Parameter& table, Index vocabulary, bool splits_tokens = false)
      : table_(table), vocabulary_(vocabulary), splits_tokens_(splits_tokens) {}
  Tensor forward(Tensor tokens, int microbatch, RankContext& ctx) override;  // i32 [T] -> [T,D]
  void backward(Tensor dy, int microbatch, RankContext& ctx) override;       // grad += ; no dx
  void drop(int microbatch) override { saved_tokens_.erase(microbatch); }

 private:
  Parameter& table_;  // the head's too where embeddings are tied
  Index vocabulary_;
  bool splits_tokens_;
  std::map<int, Tensor> saved_tokens_;
};

// logits = x table^T: [T,D] -> [T,V'/t].
class VocabParallelHead : public Layer {
 public:
  // splits_tokens: x and dx are [T/t,D], of this rank's tokens; logits are of all tokens.
  explicit VocabParallelHead(Parameter& table, bool splits_tokens = false)
      : table_(table), splits_tokens_(splits_tokens) {}
  Tensor forward(Tensor x, int microbatch, RankContext& ctx) override;
  Tensor backward_input(Tensor dlogits, int microbatch, RankContext& ctx) override;
  void backward_weight(int microbatch, RankContext& ctx) override;
  void drop(int microbatch) override { saved_.erase(microbatch); }

 private:
  struct Saved {
    Tensor x, dlogits;
  };
  Parameter& table_;
  bool splits_tokens_;
  std::map<int, Saved> saved_;
};

class CrossEntropy : public TokenLoss {
 public:
  // vocab_parallel = false: the naive twin, which gathers the logits.
  CrossEntropy(Index vocabulary, bool vocab_parallel)
      : vocabulary_(vocabulary), vocab_parallel_(vocab_parallel) {}

  // logits [T,V'/t], targets i32 [T] -> loss [1] f32, the mean over T, the same on every rank.
  // Overwrites the logits, the largest tensor of a model: a second one is memory for nothing.
  Tensor forward(Tensor logits, Tensor targets, int microbatch, RankContext& ctx) override;
  // dlogits [T,V'/t] = scale/T * d(sum of losses): scale 1 is the gradient of the mean.
  Tensor backward(float scale, int microbatch, RankContext& ctx) override;
  void drop(int microbatch) override { saved_.erase(microbatch); }

 private:
  struct Saved {
    Tensor p, sum, targets;
  };
  VocabularyShare share(RankContext& ctx) const;

  Index vocabulary_;
  bool vocab_parallel_;
  std::map<int, Saved> saved_;
};

}  // namespace shardpipe
