// Whole decoders with the real functions: float32 on t ranks against the f64 reference, every rank,
// loss and every gradient, within the bound of bound.h; and losses of training between t = 1 and
// t = k within loss_bound, which the training lab prints.
#include <cmath>

#include "core/model/error_bound.h"
#include "core/model/optimizer.h"
#include "tests/support/bound.h"
#include "tests/support/catch.h"
#include "tests/support/decoder_cases.h"

namespace shardpipe {
namespace {

WantedTensors reference_of(const DecoderConfig& c, const Fill& fill) {
  Tape tape;
  Weights weights(tape, fill);
  const Real loss = reference_loss(weights, c, tokens_of(c, 0), targets_of(c, 0));
  const auto adjoints = tape.adjoints(loss);
  WantedTensors want = {{"loss0", {{loss.value}, loss.value}}};
  for (const auto& [name, weight] : weights.all()) want[name] = wanted_gradient(weight, adjoints);
  return want;
}

void check(const DecoderCase& c) {
  const Fill fill = random_fill(3, c.config.hidden);
  const WantedTensors want = reference_of(c.config, fill);
  const Index roundings = step_roundings(c.config) + tokens_of(c.config);  // dW sums over tokens
  for (const int tp : c.tps) {
    const TpRun run =
        run_tp(tp, [&](RankContext& ctx) { return run_decoder(ctx, c.config, fill, 1, 1); });
    const Worst worst = worst_of(run, want, roundings);
    INFO(c.name << ", " << worst.where << ": " << worst.ratio << " of the bound");
    CHECK(worst.ratio <= 1);
    CHECK(worst.ratio > 1e-3);  // a bound that loose would find nothing
  }
}

}  // namespace

TEST_CASE("decoders against the f64 reference") {
  for (const DecoderCase& c : decoder_cases(8, 4, {1, 2, 4, 8})) check(c);
  for (const DecoderCase& c : decoder_cases(6, 4, {1, 2, 3, 6})) check(c);
}

TEST_CASE("training: losses at tp = k are those at tp = 1 within loss_bound") {
  constexpr int kSteps = 4;
  for (const Family family : {Family::gpt2, Family::llama}) {
    const DecoderConfig c = {.family = family,
                             .hidden = 48,
                             .ffn = 96,
                             .heads = 24,
                             .kv_heads = 24,
                             .vocabulary = 50,
                             .sequence = 8};
    auto losses = [&](int tp) {
      std::vector<double> all;
      run_tp(tp, [&](RankContext& ctx) {
        Decoder model(ctx, c);
        model.fill(ctx, random_fill(1, c.hidden));
        AdamW optimizer(ctx, model.parameters(), {.weight_decay = 0.1f});
        for (int step = 0; step < kSteps; ++step) {
          const Tensor loss = model.forward(make_tokens(ctx, tokens_of(c, 0)),
                                            make_tokens(ctx, targets_of(c, 0)), 0, ctx);
          const float value = ctx.math.to_host(loss, ctx.compute)[0];
          if (ctx.rank == 0) all.push_back(static_cast<double>(value));
          model.backward(1, 0, ctx);
          model.reduce_replicated_gradients(ctx);
          optimizer.step(ctx);
        }
        return RankResult{};
      });
      return all;
    };
    const std::vector<double> want = losses(1);
    CHECK(want[kSteps - 1] < want[0]);  // the same batch again and again: it learns
    double worst = 0;
    for (const int tp : {2, 3, 4, 8}) {
      const std::vector<double> is = losses(tp);
      for (std::size_t i = 0; i < kSteps; ++i)
        worst = std::max(worst,
                         std::abs(is[i] - want[i]) / loss_bound(c, static_cast<int>(i), want[i]));
    }
    INFO(name_of(family) << ": " << worst << " of loss_bound");
    CHECK(worst <= 1);
  }
}

}  // namespace shardpipe
