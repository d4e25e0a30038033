// Attention on this rank's heads, backward: what there is to write.
#pragma once

#include "exercises/day03_block/attention.h"

namespace shardpipe {

// x, dx, dy [T,D] are the same on every rank. Nothing that is given to be read is changed.
struct AttentionBackwardAnswer {
  // state.dqkv from dy and what forward kept: state.q, state.k, state.v, state.p.
  void (*heads_backward)(const Tensor& dy, const AttentionShard& weights,
                         const AttentionState& state, RankContext& ctx) = nullptr;
  // dx from state.dqkv; and adds to gradients, in which those of earlier micro-batches are, from
  // state.dqkv, state.context, x and dy.
  void (*projection_backward)(Tensor dx, const AttentionShard& gradients, const Tensor& x,
                              const Tensor& dy, const AttentionShard& weights,
                              const AttentionState& state, RankContext& ctx) = nullptr;
};

}  // namespace shardpipe

// Written at the end of the answer: what the grader calls.
extern "C" [[gnu::visibility("default")]] void shardpipe_answer(
    shardpipe::AttentionBackwardAnswer& answer);
