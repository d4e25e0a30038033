#include "core/model/clip.h"

namespace shardpipe {
namespace {

void add_counted_squares(Tensor sum, const Parameter& p, RankContext& ctx) {
  if (p.copy) return;
  for (const Piece& piece : p.pieces(ctx.coord.tp)) {
    if (!piece.counts || piece.count == 0) continue;
    Tensor part = p.grad;
    if (piece.count != p.grad.size(piece.dim)) {  // some rows; padding is zero anyway
      if (piece.dim != 0) fail(ExitCode::fault, text("clip: ", piece.name, " has part columns"));
      part = p.grad.slice(piece.first, piece.count);
    }
    ctx.math.add_squares(sum, part, ctx.compute);
  }
}

}  // namespace

Tensor clip_by_global_norm(RankContext& ctx, const std::vector<Parameter*>& parameters,
                           float max_norm) {
  const Scope mark = ctx.scope({.phase = Phase::optimizer});
  Tensor sum(ctx.device, {1});
  ctx.math.fill(sum, 0, ctx.compute);
  for (const Parameter* p : parameters) add_counted_squares(sum, *p, ctx);
  ctx.tp.all_reduce(sum, ctx.compute);
  ctx.pp.all_reduce(sum, ctx.compute);
  for (Parameter* p : parameters) ctx.math.clip(p->grad, sum, max_norm, ctx.compute);
  return sum;
}

}  // namespace shardpipe
