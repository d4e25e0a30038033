// AdamW over a list of parameters: it counts its steps, keeps its means, and clears gradients.
#include "core/model/optimizer.h"

#include <cmath>

#include "tests/support/catch.h"
#include "tests/support/ranks.h"

namespace shardpipe {

// With the same gradient g every time both corrected means are exact, g and g^2: each step moves a
// weight by learning_rate * sign(g), but for epsilon. Without the correction by the number of the
// step it would not.
TEST_CASE("AdamW with a constant gradient moves by the learning rate at every step") {
  const std::vector<float> start = {1, -2, 3, 0.5f}, gradient = {0.25f, -4, 1e-2f, 100};
  run_tp(1, [&](RankContext& ctx) {
    Parameter p = make_parameter(ctx, {4}, DType::f32, replicated("w.weight", {4}));
    ctx.math.upload(p.value, start, ctx.compute);
    AdamW optimizer(ctx, {&p}, {.learning_rate = 0.125f});
    for (int step = 1; step <= 5; ++step) {
      ctx.math.upload(p.grad, gradient, ctx.compute);
      optimizer.step(ctx);
      const auto is = ctx.math.to_host(p.value, ctx.compute);
      for (std::size_t i = 0; i < is.size(); ++i) {
        INFO("step " << step << ", weight " << i);
        const float sign = gradient[i] > 0 ? 1.0f : -1.0f;
        CHECK(is[i] == Approx(start[i] - sign * 0.125f * static_cast<float>(step)).margin(1e-5));
      }
      CHECK(ctx.math.to_host(p.grad, ctx.compute) == std::vector<float>(4, 0.0f));
    }
    return RankResult{};
  });
}

TEST_CASE("a learning rate that falls: the whole at the first step, a tenth behind the last") {
  CHECK(decay_share(1, 8) == 1);
  CHECK(decay_share(5, 8) == Approx(0.55));
  CHECK(decay_share(3, 8) + decay_share(7, 8) == Approx(1.1));
  CHECK(decay_share(3, 8) == Approx(0.55 + 0.45 * std::sqrt(0.5)));
  CHECK(decay_share(8, 8) > 0.1f);
  for (const int step : {9, 10, 1'000'000}) CHECK(decay_share(step, 8) == Approx(0.1));
  for (const int step : {1, 9}) CHECK(decay_share(step, 0) == 1);
}

TEST_CASE("AdamW takes the rate of the step that it is at, also when it goes on") {
  run_tp(1, [&](RankContext& ctx) {
    Parameter p = make_parameter(ctx, {1}, DType::f32, replicated("w.weight", {1}));
    ctx.math.fill(p.value, 0, ctx.compute);
    AdamW optimizer(ctx, {&p}, {.learning_rate = 0.5f});
    optimizer.decay_over(4);
    float want = 0;
    for (int step = 1; step <= 6; ++step) {
      ctx.math.fill(p.grad, -1, ctx.compute);
      optimizer.step(ctx);
      CHECK(optimizer.steps() == step);
      want += 0.5f * decay_share(step, 4);
      CHECK(ctx.math.to_host(p.value, ctx.compute)[0] == Approx(want));
    }
    optimizer.set_steps(1);
    ctx.math.fill(p.value, 0, ctx.compute);
    ctx.math.fill(p.grad, 0, ctx.compute);
    for (const AdamW::State& s : optimizer.states()) {
      ctx.math.fill(s.m, 0, ctx.compute);
      ctx.math.fill(s.v, 1, ctx.compute);
    }
    ctx.math.fill(optimizer.states()[0].m, 1, ctx.compute);
    optimizer.step(ctx);
    CHECK(optimizer.steps() == 2);
    // m = 0.9, v = 0.95, corrected as of the second step.
    const double m = 0.9 / (1 - 0.81), v = 0.95 / (1 - 0.95 * 0.95);
    CHECK(ctx.math.to_host(p.value, ctx.compute)[0] ==
          Approx(-0.5 * decay_share(2, 4) * m / std::sqrt(v)));
    return RankResult{};
  });
}

}  // namespace shardpipe
