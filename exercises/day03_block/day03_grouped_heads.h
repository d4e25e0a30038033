// Grouped-query heads, and key/value heads that several ranks hold: what there is to write.
#pragma once

#include <vector>

#include "exercises/day03_block/attention.h"

namespace shardpipe {

// Head j of this rank's h query heads uses key/value head j / (h/k) of its k. Nothing that is given
// to be read is changed.
struct GroupedHeadsAnswer {
  // All ranks of the tensor-parallel group, in order, that hold the key/value head that rank `rank`
  // holds: kv_heads are shared out over `ranks`, and kv_heads <= ranks.
  std::vector<int> (*ranks_of_kv_head)(int rank, int ranks, int kv_heads) = nullptr;
  // state.p and state.context from state.q [B,h,S,C], state.k and state.v [B,k,S,C].
  void (*grouped_context)(const AttentionState& state, RankContext& ctx) = nullptr;
  // dk, dv [B,k,S,C] from dscores, the gradient of what softmax was given, q k^T / sqrt(C)
  // [B k,(h/k)S,S], from dout, that of the heads' results [B,h,S,C], and from state.q and state.p.
  void (*kv_gradients)(Tensor dk, Tensor dv, const Tensor& dscores, const Tensor& dout,
                       const AttentionState& state, RankContext& ctx) = nullptr;
  // Once a step: gradients of what several ranks hold become their sum over these ranks. `copies`
  // is the communicator of the ranks that region 1 names: copies.all_reduce(tensor, s).
  void (*sum_copies)(const AttentionShard& gradients, Communicator& copies,
                     RankContext& ctx) = nullptr;
  //   tensor.slice(first, count)   rows first..first+count-1 of a tensor, no copy
};

}  // namespace shardpipe

// Written at the end of the answer: what the grader calls.
extern "C" [[gnu::visibility("default")]] void shardpipe_answer(
    shardpipe::GroupedHeadsAnswer& answer);
