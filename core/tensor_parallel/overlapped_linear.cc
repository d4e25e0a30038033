#include "core/tensor_parallel/overlapped_linear.h"

#include <algorithm>

#include "core/tensor_parallel/regions.h"

namespace shardpipe {

Tensor OverlappedColumnLinear::backward(Tensor dy, int microbatch, RankContext& ctx) {
  const Saved saved = take(saved_, microbatch);
  Tensor dx = input_gradient(dy, ctx);  // [T,D], a partial sum
  const Event dx_computed = ctx.compute.record();
  ctx.comm.wait(dx_computed);
  ctx.tp.all_reduce(dx, ctx.comm);
  const Event dx_summed = ctx.comm.record();
  add_weight_gradient(dy, saved.x, ctx);
  ctx.compute.wait(dx_summed);
  return dx;
}

Tensor OverlappedSequenceColumnLinear::backward(Tensor dy, int microbatch, RankContext& ctx) {
  const Saved saved = take(saved_, microbatch);
  const Event x_computed = ctx.compute.record();
  ctx.comm.wait(x_computed);
  const Tensor x = gather_rows(saved.x, ctx, ctx.comm);  // [T,D]
  const Event x_gathered = ctx.comm.record();
  Tensor dx = input_gradient(dy, ctx);  // [T,D], a partial sum
  const Event dx_computed = ctx.compute.record();
  ctx.comm.wait(dx_computed);
  dx = reduce_rows(dx, ctx, ctx.comm);  // [T/t,D]
  const Event dx_reduced = ctx.comm.record();
  ctx.compute.wait(x_gathered);
  add_weight_gradient(dy, x, ctx);
  ctx.compute.wait(dx_reduced);
  return dx;
}

OverlappedRowLinear::OverlappedRowLinear(RankContext& ctx, const std::string& name, Index D,
                                         Index F, RowOptions options, int chunks)
    : RowParallelLinear(ctx, name, D, F, options), chunks_(chunks) {
  if (chunks < 1) usage_error(text("--chunks ", chunks, ": must be at least 1"));
}

Tensor OverlappedRowLinear::forward(Tensor x, int microbatch, RankContext& ctx) {
  const Index T = x.size(0), n = std::min<Index>(chunks_, std::max<Index>(T, 1));
  Tensor y(ctx.device, {T, outputs()}, x.dtype());  // [T,F]
  for (Index i = 0; i < n; ++i) {
    const Index first = T * i / n, rows = T * (i + 1) / n - first;
    const Tensor piece = y.slice(first, rows);  // [T/n,F]
    multiply(piece, x.slice(first, rows), ctx);
    const Event piece_computed = ctx.compute.record();
    ctx.comm.wait(piece_computed);
    ctx.tp.all_reduce(piece, ctx.comm);
  }
  const Event y_summed = ctx.comm.record();
  ctx.compute.wait(y_summed);
  add_bias(y, ctx);
  saved_[microbatch].x = x;
  return y;
}

}  // namespace shardpipe
