// A vocabulary of V words split over t tensor-parallel ranks: which of them a rank holds.
#pragma once

#include "core/tensor/tensor.h"

namespace shardpipe {

// V is padded to V', the next multiple of t, so that all ranks hold equally many rows (of a table)
// or columns (of logits). The padding comes last; it stands for no word.
struct VocabularyRows {
  Index first = 0;  // the word that is this rank's row 0
  Index count = 0;  // rows it holds, V'/t, the same on every rank
  Index valid = 0;  // of which the first so many are words; the rest is padding
};

}  // namespace shardpipe
