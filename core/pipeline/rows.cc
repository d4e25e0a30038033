#include "core/pipeline/rows.h"

namespace shardpipe {

BoundaryRows::BoundaryRows(RankContext& ctx, const Boundary& boundary, bool scatter)
    : boundary_(boundary), scatter_(scatter && ctx.tp.size() > 1), rows_(boundary.shape[0]) {
  if (!scatter_) return;
  if (rows_ % ctx.tp.size() != 0)
    usage_error(text("a stage boundary of ", rows_,
                     " rows (--seq times --batch) cannot be scattered ", "over --tp ",
                     ctx.tp.size(), ": it must be a multiple"));
  rows_ /= ctx.tp.size();
}

Tensor BoundaryRows::outgoing(const Tensor& whole, RankContext& ctx) const {
  return scatter_ ? whole.slice(rows_ * ctx.tp.rank(), rows_) : whole;
}

Tensor BoundaryRows::incoming(RankContext& ctx) const {
  return Tensor(ctx.device, {rows_, boundary_.shape[1]}, boundary_.dtype);
}

Tensor BoundaryRows::whole(Tensor arrived, RankContext& ctx) const {
  if (!scatter_) return arrived;
  Tensor all(ctx.device, boundary_.shape, boundary_.dtype);  // [T,D]
  ctx.tp.all_gather(all, arrived, ctx.compute);
  return all;
}

}  // namespace shardpipe
