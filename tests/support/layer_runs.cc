#include "tests/support/layer_runs.h"

namespace shardpipe {
namespace {

Tensor make(RankContext& ctx, Spread spread, const std::string& name, Index T, Index F,
            const Fill& data) {
  switch (spread) {
    case Spread::whole: break;
    case Spread::columns: return make_columns(ctx, name, T, F, data);
    case Spread::rows: return make_rows(ctx, name, T, F, data);
  }
  return make_whole(ctx, name, {T, F}, data);
}

Tensor make_input(RankContext& ctx, const LayerCase& c, const std::string& name, const Fill& data) {
  return make(ctx, c.x, name, c.T, c.D, data);
}

Tensor make_output_gradient(RankContext& ctx, const LayerCase& c, const std::string& name,
                            const Fill& data) {
  return make(ctx, c.y, name, c.T, c.F, data);
}

Held hold(RankContext& ctx, Spread spread, const std::string& name, const Tensor& x) {
  switch (spread) {
    case Spread::whole: break;
    case Spread::columns: return hold_columns(ctx, name, x);
    case Spread::rows: return hold_rows(ctx, name, x);
  }
  return hold_whole(ctx, name, x);
}

}  // namespace

RankResult run_layer(RankContext& ctx, const LayerCase& c, const Fill& weights, const Fill& data) {
  auto layer = c.make(ctx);
  for (Parameter* p : layer->parameters()) fill_parameter(ctx, *p, weights);
  RankResult result;
  Tensor dy[2];
  for (int i = 0; i < 2; ++i) {
    Tensor y = layer->forward(make_input(ctx, c, text("x", i), data), i, ctx);
    result.push_back(hold(ctx, c.y, text("y", i), y));
    dy[i] = make_output_gradient(ctx, c, text("dy", i), data);
  }
  Tensor dx0 = layer->backward(dy[0], 0, ctx);
  Tensor dx1 = layer->backward_input(dy[1], 1, ctx);
  layer->backward_weight(1, ctx);
  layer->reduce_replicated_gradients(ctx);
  result.push_back(hold(ctx, c.x, "dx0", dx0));
  result.push_back(hold(ctx, c.x, "dx1", dx1));
  hold_gradients(ctx, layer->parameters(), result);
  return result;
}

std::string traffic(const LayerCase& c, int tp, Pass pass) {
  const TpRun run = run_tp(tp, [&](RankContext& ctx) -> RankResult {
    auto layer = c.make(ctx);
    for (Parameter* p : layer->parameters()) fill_parameter(ctx, *p, integers(1));
    Tensor x = make_input(ctx, c, "x", integers(1)),
           dy = make_output_gradient(ctx, c, "dy", integers(1));
    if (pass == Pass::forward) ctx.begin_window();
    layer->forward(x, 0, ctx);
    if (pass == Pass::forward) ctx.end_window();
    if (pass == Pass::backward) ctx.begin_window();
    layer->backward(dy, 0, ctx);
    layer->reduce_replicated_gradients(ctx);
    if (pass == Pass::backward) ctx.end_window();
    return {};
  });
  return traffic(run.report);
}

std::string traffic(const RunReport& report) {
  std::string first;
  for (std::size_t rank = 0; rank < report.ranks.size(); ++rank) {
    std::string all;
    for (const CommCount& count : report.ranks[rank].communication)
      all += text(all.empty() ? "" : "; ", count.group, " ", name_of(count.kind), " ", count.calls,
                  count.calls == 1 ? " call " : " calls ", count.bytes, " bytes");
    if (rank == 0) first = all;
    if (all != first) return text("rank 0: ", first, " | rank ", rank, ": ", all);
  }
  return first;
}

}  // namespace shardpipe
