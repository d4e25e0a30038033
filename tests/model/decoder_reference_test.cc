// Whole decoders with the real functions: float32 on t ranks against the f64 reference, every rank,
// loss and every gradient, within the bound of bound.h.
#include <cmath>

#include "core/model/error_bound.h"
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

TEST_CASE("heads of an odd size, which rotary embedding cannot turn, run where it is not used") {
  check({.name = "three heads of three",
         .config = {.family = Family::gpt2,
                    .hidden = 9,
                    .ffn = 12,
                    .heads = 3,
                    .kv_heads = 3,
                    .vocabulary = 13,
                    .sequence = 4},
         .tps = {1, 3}});
}

}  // namespace shardpipe
