// A fused projection of queries, keys and values. The whole weight has their rows one part below
// the other, [Q | K | V]: H heads of Q, then K heads of K, then K heads of V, of C rows each.
#pragma once

#include <vector>

#include "core/context/rank_context.h"
#include "exercises/not_written.h"

namespace shardpipe {

struct QkvSizes {
  Index heads = 1;      // H query heads; `ranks` divides H
  Index kv_heads = 1;   // K key/value heads; K divides H
  Index head_size = 1;  // C
  Index ranks = 1;      // t, the tensor-parallel ranks
};

}  // namespace shardpipe
