// CachedAttentionCore: same result as AttentionCore for the positions it is given, whose keys and
// values join those of all positions before them in a cache. One class does both phases of
// inference: a prefill brings the S positions of a prompt at once, a decode step one a sequence.
// Work of a decode step: 4 h C flops a cached position against 2 k C numbers read: with k = h fewer
// than one flop a byte in f32, so its time is the time of reading the cache.
#pragma once

#include "core/tensor_parallel/attention.h"
#include "core/tensor_parallel/kv_cache.h"

namespace shardpipe {

// qkv [B S, n (h + 2k) C] of a group's next S positions -> context [B S, n h C].
class CachedAttentionCore : public AttentionCore {
 public:
  CachedAttentionCore(RankContext& ctx, HeadShare share, int shares, Index C,
                      const AttentionOptions& options);

  // The group's length is the stage's to advance, once all its layers have seen the positions.
  Tensor forward(Tensor qkv, int group, RankContext& ctx) override;
  Tensor backward_input(Tensor dy, int group, RankContext& ctx) override;  // throws
  void drop(int) override {}                                               // the cache stays

 private:
  const CachedSequences& sequences_;
  std::vector<KvCache> caches_;  // one a share
};

}  // namespace shardpipe
