// Attention with a part that the learner wrote, as a Layer, so that the lab runs it on the kit's
// weights. What an exercise does not ask for is given.
#pragma once

#include <string>

#include "core/tensor_parallel/attention.h"
#include "labs/day03_block/given_attention.h"

namespace shardpipe {

struct AnsweredParts {
  AttentionParts parts = {};
  // Of day03_grouped_heads; empty for the others, which have no copies.
  std::function<std::vector<int>(int rank, int ranks, int kv_heads)> ranks_of_kv_head = {};
  std::function<void(const AttentionShard& gradients, Communicator& copies, RankContext&)>
      sum_copies = {};
};

// Each in a file of its own: their headers declare one entry, each with another struct.
AnsweredParts parts_of_attention_forward();
AnsweredParts parts_of_attention_backward();
AnsweredParts parts_of_grouped_heads();

class AnsweredAttention : public Layer {
 public:
  // Usage error: what the exercise does not have.
  AnsweredAttention(RankContext& ctx, Index D, const AttentionOptions& options,
                    const std::string& exercise);

  Tensor forward(Tensor x, int microbatch, RankContext& ctx) override;
  // And the gradients of weights: the exercises form them with dx.
  Tensor backward_input(Tensor dy, int microbatch, RankContext& ctx) override;
  void backward_weight(int, RankContext&) override {}
  void drop(int microbatch) override { saved_.erase(microbatch); }
  void reduce_replicated_gradients(RankContext& ctx) override;
  std::vector<Parameter*> parameters() override { return weights_.parameters(); }

 private:
  struct Saved {
    Tensor x;
    AttentionState state;
  };
  AttentionShard shard(Tensor Parameter::*which);

  Attention weights_;  // of which nothing else is used
  AnsweredParts answer_;
  Index positions_, head_size_;
  std::unique_ptr<Communicator> copies_;  // nullptr: no heads are grouped
  std::map<int, Saved> saved_;
};

}  // namespace shardpipe
