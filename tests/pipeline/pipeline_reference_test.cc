// Pipelines with the real functions: float32 on tp x pp x dp ranks against the f64 reference, every
// rank, loss and every gradient, within the bound of bound.h.
#include "core/model/error_bound.h"
#include "core/schedule/builders.h"
#include "tests/support/bound.h"
#include "tests/support/catch.h"
#include "tests/support/pipeline_cases.h"

namespace shardpipe {
namespace {

WantedTensors reference_of(const PipelineCase& c, const Fill& fill) {
  Tape tape;
  Weights weights(tape, fill);
  const int all = c.options.microbatches * c.grid.dp;
  WantedTensors want;
  Real mean = tape.variable(0);
  for (int k = 0; k < all; ++k) {
    const Real loss =
        reference_loss(weights, c.config, tokens_of(c.config, k), targets_of(c.config, k));
    want[text("loss", k)] = {{loss.value}, loss.value};
    mean = mean + loss * (1.0 / all);
  }
  const auto adjoints = tape.adjoints(mean);
  for (const auto& [name, weight] : weights.all()) want[name] = wanted_gradient(weight, adjoints);
  return want;
}

}  // namespace

TEST_CASE("pipelines against the f64 reference") {
  const DecoderConfig gpt2 = {.layers = 4,
                              .hidden = 32,
                              .ffn = 48,
                              .heads = 4,
                              .kv_heads = 4,
                              .vocabulary = 19,
                              .sequence = 8};
  DecoderConfig llama = gpt2;
  llama.family = Family::llama;
  llama.kv_heads = 1;
  llama.tied = false;
  const Fill fill = random_fill(3, gpt2.hidden);
  std::map<std::pair<Family, int>, WantedTensors> references;
  for (const std::string& name : schedule_names())
    for (const DecoderConfig& config : {gpt2, llama}) {
      const PipelineCase c = {
          .config = config,
          .grid = {.tp = 2, .pp = 2, .dp = config.family == Family::gpt2 ? 2 : 1},
          .options = {.schedule = name,
                      .microbatches = 4,
                      .chunks = default_chunks(name),
                      .p2p = config.family == Family::gpt2 ? P2p::prefetch : P2p::one_lane,
                      .gradient_sync = GradientSyncKind::overlapped}};
      if (name == "forward_only") continue;
      const int all = c.options.microbatches * c.grid.dp;
      auto [found, is_new] = references.try_emplace({config.family, all});
      if (is_new) found->second = reference_of(c, fill);
      const Index roundings = step_roundings(config) + all * tokens_of(config);  // dW sums over all
      const TpRun run =
          run_grid(c.grid, [&](RankContext& ctx) { return run_pipeline(ctx, c, fill); });
      const Worst worst = worst_of(run, found->second, roundings);
      INFO(to_string(c) << ", " << worst.where << ": " << worst.ratio << " of the bound");
      CHECK(worst.ratio <= 1);
      CHECK(worst.ratio > 1e-4);  // a bound that loose would find nothing
    }
}

}  // namespace shardpipe
