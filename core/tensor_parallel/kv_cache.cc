#include "core/tensor_parallel/kv_cache.h"

namespace shardpipe {
namespace {

// cache [B,k,S_max,C] at positions first .. = x [B,k,S,C]: a head's positions are columns.
void write(const Tensor& cache, const Tensor& x, Index first, RankContext& ctx) {
  const Index heads = x.size(0) * x.size(1), S = x.size(2), C = x.size(3);
  ctx.math.copy_columns(cache.reshape({heads, cache.size(2) * C}), first * C,
                        x.reshape({heads, S * C}), 0, S * C, ctx.compute);
}

}  // namespace

Index CachedSequences::new_positions(Index rows, int group) const {
  if (group < 0 || group >= static_cast<int>(length.size()))
    fail(text("group ", group, " of sequences is not one of ", length.size()));
  if (rows % sequences != 0)
    fail(text("key/value cache: ", rows, " tokens are not whole positions of ", sequences,
              " sequences"));
  const Index S = rows / sequences, held = length[static_cast<std::size_t>(group)];
  if (held + S > positions)
    fail(
        text("key/value cache: ", held, " positions and ", S, " more do not fit into ", positions));
  return S;
}

KvCache::KvCache(RankContext& ctx, const CachedSequences& shape, Index kv_heads, Index C,
                 DType dtype) {
  for (std::size_t group = 0; group < shape.length.size(); ++group)
    for (std::vector<Tensor>* half : {&keys_, &values_})
      half->push_back(Tensor(ctx.device, {shape.sequences, kv_heads, shape.positions, C}, dtype));
}

void KvCache::append(Tensor key, Tensor value, Index first, int group, RankContext& ctx) {
  write(keys(group), key, first, ctx);
  write(values(group), value, first, ctx);
}

}  // namespace shardpipe
