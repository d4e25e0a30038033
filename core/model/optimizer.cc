#include "core/model/optimizer.h"

namespace shardpipe {

AdamW::AdamW(RankContext& ctx, std::vector<Parameter*> parameters, AdamWOptions options)
    : options_(options) {
  for (Parameter* p : parameters) {
    State state{p, Tensor(ctx.device, p->value.shape()), Tensor(ctx.device, p->value.shape())};
    ctx.math.fill(state.m, 0, ctx.compute);
    ctx.math.fill(state.v, 0, ctx.compute);
    states_.push_back(std::move(state));
  }
}

void AdamW::step(RankContext& ctx) {
  const Scope mark = ctx.scope({.phase = Phase::optimizer});
  options_.step = ++steps_;
  for (State& s : states_) {
    ctx.math.adamw(s.parameter->value, s.parameter->grad, s.m, s.v, options_, ctx.compute);
    ctx.math.fill(s.parameter->grad, 0, ctx.compute);
  }
}

}  // namespace shardpipe
