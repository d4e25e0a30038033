// AdamW over a list of parameters: it counts its steps, keeps its means, and clears gradients.
#include "core/model/optimizer.h"
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

}  // namespace shardpipe
