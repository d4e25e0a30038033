#include "core/model/host_tensors.h"

namespace shardpipe {

namespace {

void gather(RankContext& ctx, const Parameter& p, const Tensor& of, HostTensors& all) {
  const std::vector<float> local = ctx.math.to_host(of, ctx.compute);
  for (const Piece& piece : p.pieces(ctx.coord.tp)) {
    std::vector<float> whole(static_cast<std::size_t>(piece.full.elements()), 0.0f);
    if (piece.counts)
      for_each_number(piece, of.shape(), [&](Index full, Index here) {
        whole[static_cast<std::size_t>(full)] = local[static_cast<std::size_t>(here)];
      });
    Tensor sum(ctx.device, piece.full);  // f32; every number comes from one rank, so it is exact
    ctx.math.upload(sum, whole, ctx.compute);
    ctx.tp.all_reduce(sum, ctx.compute);
    all[piece.name] = {piece.full, ctx.math.to_host(sum, ctx.compute)};
  }
}

}  // namespace

HostTensors gather_gradients(RankContext& ctx, const std::vector<Parameter*>& parameters) {
  HostTensors all;
  for (const Parameter* p : parameters) gather(ctx, *p, p->grad, all);
  return all;
}

}  // namespace shardpipe
