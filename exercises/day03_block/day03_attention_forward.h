// Attention on this rank's heads, forward: what there is to write.
#pragma once

#include "exercises/day03_block/attention.h"

namespace shardpipe {

// x, y [T,D] are the same on every rank. Nothing that is given to be read is changed.
struct AttentionForwardAnswer {
  // state.q, state.k, state.v from x.
  void (*project_heads)(const Tensor& x, const AttentionShard& weights, const AttentionState& state,
                        RankContext& ctx) = nullptr;
  // state.p, state.context and y from state.q, state.k, state.v.
  void (*attend)(Tensor y, const AttentionShard& weights, const AttentionState& state,
                 RankContext& ctx) = nullptr;
};

}  // namespace shardpipe

// Written at the end of the answer: what the grader calls.
extern "C" [[gnu::visibility("default")]] void shardpipe_answer(
    shardpipe::AttentionForwardAnswer& answer);
