#include "core/model/optimizer.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace shardpipe {

float decay_share(int step, int decay_steps) {
  constexpr double kLeast = 0.1;
  if (decay_steps == 0) return 1;
  const double way = std::min(1.0, (step - 1.0) / decay_steps);
  return static_cast<float>(kLeast + (1 - kLeast) * 0.5 * (1 + std::cos(std::numbers::pi * way)));
}

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
  AdamWOptions now = options_;
  now.step = ++steps_;
  now.learning_rate *= decay_share(steps_, decay_steps_);
  for (State& s : states_) {
    ctx.math.adamw(s.parameter->value, s.parameter->grad, s.m, s.v, now, ctx.compute);
    ctx.math.fill(s.parameter->grad, 0, ctx.compute);
  }
}

}  // namespace shardpipe
