#include "core/tensor_parallel/ring_linear.h"

#include "core/tensor_parallel/regions.h"

namespace shardpipe {
namespace {

struct Ring {
  explicit Ring(const RankContext& ctx)
      : t(ctx.tp.size()), me(ctx.tp.rank()), next((me + 1) % t), before((me + t - 1) % t) {}
  int part(int i) const { return (i + 2 * t) % t; }  // i from -2t
  int t, me, next, before;
};

Tensor rows_of(Tensor x, int part, Index rows) { return x.slice(part * rows, rows); }

}  // namespace

Tensor ring_all_gather(Tensor x, RankContext& ctx, const UsePart& use) {
  const Ring ring(ctx);
  const Index rows = x.size(0);
  Tensor all(ctx.device, {ring.t * rows, x.size(1)}, x.dtype());  // [T,D]
  ctx.math.copy(rows_of(all, ring.me, rows), x, ctx.compute);
  const Event own_copied = ctx.compute.record();
  ctx.comm.wait(own_copied);
  for (int step = 0; step < ring.t; ++step) {
    const int here = ring.part(ring.me - step), coming = ring.part(here - 1);
    Event arrived;
    if (step + 1 < ring.t) {
      ctx.tp.exchange({{Direction::send, ring.next, rows_of(all, here, rows)},
                       {Direction::recv, ring.before, rows_of(all, coming, rows)}},
                      ctx.comm);
      arrived = ctx.comm.record();
    }
    use(here, rows_of(all, here, rows));
    ctx.compute.wait(arrived);
  }
  return all;
}

Tensor ring_reduce_scatter(RankContext& ctx, const std::function<Tensor(int part)>& make) {
  const Ring ring(ctx);
  Tensor incoming;
  Event arrived;
  for (int step = 0;; ++step) {
    Tensor sum = make(ring.part(ring.me - 1 - step));
    if (step > 0) {
      ctx.compute.wait(arrived);
      ctx.math.add(sum, sum, incoming, ctx.compute);
    }
    if (step + 1 == ring.t) return sum;
    const Event summed = ctx.compute.record();
    ctx.comm.wait(summed);
    incoming = Tensor(ctx.device, sum.shape(), sum.dtype());
    ctx.tp.exchange({{Direction::send, ring.next, sum}, {Direction::recv, ring.before, incoming}},
                    ctx.comm);
    arrived = ctx.comm.record();
  }
}

Tensor RingColumnLinear::forward(Tensor x, int microbatch, RankContext& ctx) {
  const Index rows = x.size(0);                                              // T/t
  Tensor y(ctx.device, {ctx.tp.size() * rows, local_outputs()}, x.dtype());  // [T,F/t]
  ring_all_gather(x, ctx,
                  [&](int part, Tensor x_part) { multiply(rows_of(y, part, rows), x_part, ctx); });
  saved_[microbatch].x = x;
  return y;
}

Tensor RingColumnLinear::backward_input(Tensor dy, int microbatch, RankContext& ctx) {
  kept(saved_, microbatch).dy = dy;
  const Index rows = share_of(dy.size(0), "tokens", ctx);
  return ring_reduce_scatter(
      ctx, [&](int part) { return input_gradient(rows_of(dy, part, rows), ctx); });
}

void RingColumnLinear::backward_weight(int microbatch, RankContext& ctx) {
  const Saved saved = take(saved_, microbatch);
  const Index rows = saved.x.size(0);
  ring_all_gather(saved.x, ctx, [&](int part, Tensor x_part) {
    add_weight_gradient(rows_of(saved.dy, part, rows), x_part, ctx);
  });
}

Tensor RingRowLinear::forward(Tensor x, int microbatch, RankContext& ctx) {
  const Index rows = share_of(x.size(0), "tokens", ctx);
  Tensor y = ring_reduce_scatter(ctx, [&](int part) {
    Tensor partial(ctx.device, {rows, outputs()}, x.dtype());  // [T/t,F]
    multiply(partial, rows_of(x, part, rows), ctx);
    return partial;
  });
  add_bias(y, ctx);
  saved_[microbatch].x = x;
  return y;
}

Tensor RingRowLinear::backward_input(Tensor dy, int microbatch, RankContext& ctx) {
  const Index rows = dy.size(0);
  Tensor dx(ctx.device, {ctx.tp.size() * rows, inputs()}, dy.dtype());  // [T,D/t]
  kept(saved_, microbatch).dy = ring_all_gather(dy, ctx, [&](int part, Tensor dy_part) {
    input_gradient(rows_of(dx, part, rows), dy_part, ctx);
  });
  return dx;
}

}  // namespace shardpipe
