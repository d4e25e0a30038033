// Which words of a vocabulary a rank holds: what graders go by.
#pragma once

#include <algorithm>

#include "exercises/day03_block/vocabulary_rows.h"

namespace shardpipe {

inline VocabularyRows rows_of(Index vocabulary, int tp_rank, int t) {
  const Index count = (vocabulary + t - 1) / t, first = tp_rank * count;
  return {.first = first, .count = count, .valid = std::clamp<Index>(vocabulary - first, 0, count)};
}

}  // namespace shardpipe
