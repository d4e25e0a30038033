// The loss of a language model whose logits are split by words: what passes between its steps.
// Letters: T tokens, V words, V' = V padded to a multiple of t, t tensor-parallel ranks.
#pragma once

#include "core/context/rank_context.h"
#include "exercises/day03_block/vocabulary_rows.h"
#include "exercises/not_written.h"

namespace shardpipe {

// Of each token, over the whole vocabulary, the same on every rank. The tensors are there.
struct LossState {
  Tensor max = {};     // [T]  the largest logit
  Tensor target = {};  // [T]  the logit of the word that came next
  Tensor sum = {};     // [T]  of exp(logit - max)
};

}  // namespace shardpipe
