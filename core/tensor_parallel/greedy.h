// The most likely next token, with the vocabulary split over t tensor-parallel ranks.
// Each rank finds the best of its own columns; the ranks exchange one (logit, token) pair a row:
//   vocabulary parallel   all-gather [t,T,2] f32: 8 t T bytes
//   naive twin            all-gather the logits [T,V']: size V' T bytes, V' / (2t) times as many
// All ranks get the same tokens; of equal logits the lowest token wins, for every t.
#pragma once

#include "core/tensor_parallel/vocabulary.h"

namespace shardpipe {

// logits [T,V'/t] -> i32 [T]. It stays on the device: the next step's embedding reads it there, and
// the host never waits.
Tensor greedy_tokens(Tensor logits, Index vocabulary, bool vocab_parallel, RankContext& ctx);

}  // namespace shardpipe
