#include "core/model/optimizer.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace shardpipe {
namespace {

bool has_master(const Parameter& p) {
  return p.value.dtype() != DType::f32 && p.grad.dtype() == DType::f32;
}

// Matrices and tables; on the shard, which has as many dimensions as the whole.
bool decays(const Parameter& p) { return p.value.shape().dims() > 1; }

}  // namespace

float warmup_share(int step, int warmup_steps) {
  if (step >= warmup_steps) return 1;
  return static_cast<float>(step) / static_cast<float>(warmup_steps);
}

float decay_share(int step, int decay_steps) {
  constexpr double kLeast = 0.1;
  if (decay_steps == 0) return 1;
  const double way = std::min(1.0, (step - 1.0) / decay_steps);
  return static_cast<float>(kLeast + (1 - kLeast) * 0.5 * (1 + std::cos(std::numbers::pi * way)));
}

AdamW::AdamW(RankContext& ctx, const std::vector<Parameter*>& parameters, AdamWOptions options,
             int warmup_steps)
    : options_(options), warmup_steps_(warmup_steps) {
  for (Parameter* p : parameters) {
    const Shape& shape = p->value.shape();
    State state{.parameter = p, .m = Tensor(ctx.device, shape), .v = Tensor(ctx.device, shape)};
    if (has_master(*p)) state.master = Tensor(ctx.device, shape);
    ctx.math.fill(state.m, 0, ctx.compute);
    ctx.math.fill(state.v, 0, ctx.compute);
    states_.push_back(std::move(state));
  }
}

void AdamW::set_steps(int steps) {
  steps_ = steps;
  has_masters_ = true;
}

void AdamW::resume(RankContext& ctx, int steps) {
  set_steps(steps);
  for (State& s : states_)
    if (!s.master.empty()) ctx.math.copy(s.parameter->value, s.master, ctx.compute);
}

void AdamW::copy_masters(RankContext& ctx) {
  has_masters_ = true;
  for (State& s : states_)
    if (!s.master.empty()) ctx.math.copy(s.master, s.parameter->value, ctx.compute);
}

void AdamW::step(RankContext& ctx) {
  if (!has_masters_) copy_masters(ctx);
  const Scope mark = ctx.scope({.phase = Phase::optimizer});
  AdamWOptions now = options_;
  now.step = ++steps_;
  now.learning_rate *= warmup_share(steps_, warmup_steps_) * decay_share(steps_, decay_steps_);
  for (State& s : states_) {
    now.weight_decay = decays(*s.parameter) ? options_.weight_decay : 0;
    ctx.math.adamw(s.parameter->value, s.master, s.parameter->grad, s.m, s.v, now, ctx.compute);
    ctx.math.fill(s.parameter->grad, 0, ctx.compute);
  }
}

}  // namespace shardpipe
