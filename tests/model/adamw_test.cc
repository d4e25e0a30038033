// AdamW over a list of parameters: it counts its steps, keeps its means, and clears gradients.
#include "core/model/decoder.h"
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

TEST_CASE("weight decay shrinks matrices and tables, and no bias and no norm") {
  for (const Family family : {Family::gpt2, Family::llama}) {
    const DecoderConfig config = {.family = family, .layers = 1, .tied = false};
    const TpRun run = run_tp(1, [&](RankContext& ctx) {
      Decoder model(ctx, config);
      model.fill(ctx, [](const std::string&, Index) { return 1.0f; });
      AdamW optimizer(ctx, model.parameters(), {.learning_rate = 0.5f, .weight_decay = 0.25f});
      optimizer.step(ctx);  // all gradients are 0
      RankResult result;
      hold_weights(ctx, model.parameters(), result);
      return result;
    });
    for (const auto& [name, tensor] : whole_tensors(run)) {
      INFO(name);
      const float want = name.ends_with(".weight") ? 0.875f : 1.0f;
      CHECK(tensor.values == std::vector<float>(tensor.values.size(), want));
    }
  }
}

TEST_CASE("warm-up: step k of W moves by k / W of the learning rate, the rest by all of it") {
  CHECK(warmup_share(1, 0) == 1);
  CHECK(warmup_share(1, 1) == 1);
  CHECK(warmup_share(3, 4) == 0.75f);
  CHECK(warmup_share(4, 4) == 1);
  CHECK(warmup_share(5, 4) == 1);
  run_tp(1, [&](RankContext& ctx) {
    Parameter p = make_parameter(ctx, {1}, DType::f32, replicated("w.weight", {1}));
    ctx.math.fill(p.value, 0, ctx.compute);
    AdamW optimizer(ctx, {&p}, {.learning_rate = 1}, 4);
    float want = 0;
    const auto step = [&](float share) {
      ctx.math.fill(p.grad, 2, ctx.compute);  // corrected means 2 and 4: a step of the rate
      optimizer.step(ctx);
      want -= share;
      CHECK(ctx.math.to_host(p.value, ctx.compute)[0] == Approx(want).epsilon(1e-5));
    };
    for (const float share : {0.25f, 0.5f, 0.75f, 1.0f, 1.0f}) step(share);
    CHECK(optimizer.steps() == 5);
    return RankResult{};
  });
}

TEST_CASE("a bf16 weight with an f32 gradient has a master, and keeps steps that bf16 loses") {
  run_tp(1, [&](RankContext& ctx) {
    const auto make = [&](WeightType type) {
      Parameter p = make_parameter(ctx, {2, 2}, type, replicated("w.weight", {2, 2}));
      ctx.math.fill(p.value, 1, ctx.compute);
      return p;
    };
    Parameter full = make({DType::bf16, DType::f32}), lean = make(DType::bf16), f32 = make({});
    AdamW optimizer(ctx, {&full, &lean, &f32}, {.learning_rate = 0x1p-10f});
    std::vector<AdamW::State>& states = optimizer.states();
    REQUIRE(states.size() == 3);
    CHECK(states[0].parameter == &full);
    CHECK(states[0].master.dtype() == DType::f32);
    CHECK(states[1].master.empty());
    CHECK(states[2].master.empty());
    for (int step = 0; step < 8; ++step) {
      for (Parameter* p : {&full, &lean, &f32}) ctx.math.fill(p->grad, 1, ctx.compute);
      optimizer.step(ctx);
    }
    const auto first = [&](const Tensor& t) { return ctx.math.to_host(t, ctx.compute)[0]; };
    CHECK(first(states[0].master) == first(f32.value));
    CHECK(first(full.value) == 1 - 8 * 0x1p-10f);  // 1 - 2^-7
    CHECK(first(lean.value) == 1);  // each step is a quarter of the distance to the next bf16
    ctx.math.fill(full.value, 3, ctx.compute);
    optimizer.copy_masters(ctx);
    CHECK(first(states[0].master) == 3);
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
