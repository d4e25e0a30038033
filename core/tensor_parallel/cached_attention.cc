#include "core/tensor_parallel/cached_attention.h"

namespace shardpipe {

CachedAttentionCore::CachedAttentionCore(RankContext& ctx, HeadShare share, int shares, Index C,
                                         const AttentionOptions& options)
    : AttentionCore(share, shares, C, options), sequences_(*options.cached) {
  for (int i = 0; i < shares; ++i)
    caches_.emplace_back(ctx, sequences_, share.kv_heads, C, options.dtype.value);
}

Tensor CachedAttentionCore::forward(Tensor qkv, int group, RankContext& ctx) {
  const Index S = sequences_.new_positions(qkv.size(0), group);
  const Index first = sequences_.length[static_cast<std::size_t>(group)];
  Tensor context = empty_context(qkv, ctx);  // [B S, n h C]
  for (std::size_t i = 0; i < caches_.size(); ++i) {
    const Projected x = project(qkv, S, first, static_cast<int>(i), ctx);
    caches_[i].append(x.k, x.v, first, group, ctx);
    const Projected seen = {x.q, caches_[i].keys(group), caches_[i].values(group)};
    attend(softmax(seen, first, ctx), seen, first, context, static_cast<int>(i), ctx);
  }
  return context;
}

Tensor CachedAttentionCore::backward_input(Tensor, int, RankContext&) {
  fail("attention with a key/value cache is for inference: it has no backward");
}

}  // namespace shardpipe
