// KvCache: the keys and values of all positions so far, kept for the queries to come.
// Letters: G groups of sequences, B sequences a group, S_max positions a sequence may have, k
// key/value heads of this rank, C head dimension.
// A token's key and value depend on the tokens before it only, so no later token changes them: what
// is recomputed for every new token without a cache is stored once (Pope et al., arXiv:2211.05102,
// section 2.1). Costs 2 k C numbers a token and layer, on every rank its own heads.
#pragma once

#include <vector>

#include "core/context/rank_context.h"

namespace shardpipe {

// How many sequences are kept, and how far each group has come: what the layers of a stage share.
// All sequences of a group have the same length.
struct CachedSequences {
  Index sequences = 0;             // B
  Index positions = 0;             // S_max
  std::vector<Index> length = {};  // of each group; the positions that its cache holds

  // The next positions of a group, given how many rows [B S, ..] came. Throws if they do not fit.
  Index new_positions(Index rows, int group) const;
};

// Of one layer. Allocated once, for S_max positions; never moved and never cleared: what is beyond
// the length is never read.
class KvCache {
 public:
  KvCache(RankContext& ctx, const CachedSequences& shape, Index kv_heads, Index C, DType dtype);

  // key, value [B,k,S,C] become positions first .. first + S - 1 of the group. Traffic: theirs.
  void append(Tensor key, Tensor value, Index first, int group, RankContext& ctx);
  Tensor keys(int group) const { return keys_[static_cast<std::size_t>(group)]; }  // [B,k,S_max,C]
  Tensor values(int group) const { return values_[static_cast<std::size_t>(group)]; }

 private:
  std::vector<Tensor> keys_, values_;  // of each group
};

}  // namespace shardpipe
