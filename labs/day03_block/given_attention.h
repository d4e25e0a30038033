// Attention in the parts that the exercises of day 3 ask for, any number of key/value heads a rank:
// what runs beside the part that an answer brings, in the grader and in the lab.
#pragma once

#include <functional>
#include <vector>

#include "exercises/day03_block/attention.h"

namespace shardpipe {

// The members of AttentionForwardAnswer and AttentionBackwardAnswer.
struct AttentionParts {
  std::function<void(const Tensor& x, const AttentionShard&, const AttentionState&, RankContext&)>
      project_heads;
  std::function<void(Tensor y, const AttentionShard&, const AttentionState&, RankContext&)> attend;
  std::function<void(const Tensor& dy, const AttentionShard&, const AttentionState&, RankContext&)>
      heads_backward;
  std::function<void(Tensor dx, const AttentionShard& gradients, const Tensor& x, const Tensor& dy,
                     const AttentionShard& weights, const AttentionState&, RankContext&)>
      projection_backward;
};

// Regions 2 and 3 of day03_grouped_heads, of which the parts are made.
struct GroupedParts {
  std::function<void(const AttentionState&, RankContext&)> context;
  std::function<void(Tensor dk, Tensor dv, const Tensor& dscores, const Tensor& dout,
                     const AttentionState&, RankContext&)>
      kv_gradients;
};

AttentionParts given_attention();
AttentionParts given_attention(const GroupedParts& with);

// Tensors for what passes between the parts; the weights say how many heads there are.
AttentionState make_attention_state(const AttentionShard& weights, Index tokens, Index positions,
                                    Index head_size, RankContext& ctx);

}  // namespace shardpipe
