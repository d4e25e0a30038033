// The bound that runs are refused by: at least what the ranks' tensors take, and at most twice
// that, whatever the blocks are; counted by the allocator.
#include "core/plan/run_bound.h"

#include <numeric>

#include "core/model/optimizer.h"
#include "core/schedule/builders.h"
#include "tests/plan/memory_cases.h"
#include "tests/support/catch.h"

namespace shardpipe {
namespace {

double bound_of(const PipelineCase& c) {
  const RunBound bound = training_bound(c.config, c.grid, c.options, tokens_of(c.config));
  return bound.weights + bound.activations;
}

// "" or how far off the bound is.
std::string outside(const PipelineCase& c) {
  const std::vector<std::int64_t> peaks = measure(c, /*modelled=*/true).peak_bytes;
  const double held = static_cast<double>(std::accumulate(peaks.begin(), peaks.end(), 0LL));
  const double ratio = bound_of(c) / held;
  if (ratio >= 1 && ratio <= 2) return "";
  return text(to_string(c), ": ", ratio, " of what is held");
}

class UnitTime : public CostModel {
  std::int64_t duration_ns(const OpInfo&) const override { return 1; }
};

double bound_of_operations(const PipelineCase& c) {
  return training_bound(c.config, c.grid, c.options, tokens_of(c.config)).operations;
}

// On all ranks.
double operations_of_step(const PipelineCase& c) {
  const RankProgram program = [&](RankContext& ctx) {
    PipelineDecoder model(ctx, c.config, tokens_of(c.config), c.options);
    AdamW optimizer(ctx, model.parameters(), {});
    std::vector<Batch> batches;
    for (int k = 0; k < c.options.microbatches; ++k)
      batches.push_back({tokens_of(c.config, k), targets_of(c.config, k)});
    ctx.begin_window();
    model.forward_backward(batches, ctx);
    optimizer.step(ctx);
    ctx.end_window();
  };
  return static_cast<double>(
      run_modelled({.grid = c.grid}, UnitTime(), program).trace.spans.size());
}

}  // namespace

TEST_CASE("a training step holds no more than its bound, under every schedule, recomputed or not") {
  for (const DecoderConfig& config : {kGpt2, kLlama})
    for (const GridShape grid : {GridShape{}, GridShape{.tp = 2, .pp = 2, .dp = 2}, {.pp = 4}})
      for (PipelineCase& c : all_schedules(config, grid, 2 * grid.pp))
        for (const bool recompute : {false, true}) {
          c.options.recompute = recompute;
          CHECK(outside(c) == "");
        }
}

TEST_CASE("the bound follows type and recipe") {
  for (const OptimizerRecipe recipe : {OptimizerRecipe::full, OptimizerRecipe::lean})
    for (const DecoderConfig& config : {kGpt2, kLlama}) {
      PipelineCase c = {
          .config = config, .grid = {.tp = 2, .pp = 2}, .options = {.microbatches = 4}};
      CHECK(training_bound(c.config, c.grid, c.options, tokens_of(c.config)).widened == 0);
      c.config.dtype = DType::bf16;
      c.config.recipe = recipe;
      CHECK(outside(c) == "");
      CHECK(training_bound(c.config, c.grid, c.options, tokens_of(c.config)).widened > 0);
    }
}

TEST_CASE("the bound holds for blocks that the exact model does not know") {
  for (const DecoderConfig& family : {kGpt2, kLlama})
    for (const int tp : {1, 2, 4}) {
      PipelineCase c = {.config = family, .grid = {.tp = tp}, .options = {.microbatches = 2}};
      for (const TpStyle style : all_tp_styles()) {
        INFO(name_of(style) << " tp=" << tp);
        c.config.twin.style = style;
        CHECK(outside(c) == "");
      }
      c.config.twin.style = TpStyle::plain;
      c.config.fused = true;
      CHECK(outside(c) == "");
      c.config.fused = false;
      c.config.paired = false;
      INFO("naive, tp=" << tp);
      CHECK(outside(c) == "");
    }
}

TEST_CASE("a step submits no more operations than its bound says, nor a quarter of them") {
  for (const int tp : {2, 4})
    for (const int chunks : {1, 2, 16})
      for (const TpStyle style : all_tp_styles()) {
        PipelineCase c = {.config = kGpt2, .grid = {.tp = tp}, .options = {.microbatches = 2}};
        c.config.twin = {.style = style, .chunks = chunks};
        const double submitted = operations_of_step(c), bound = bound_of_operations(c);
        INFO(name_of(style) << " tp=" << tp << " chunks=" << chunks << ": " << submitted << " of "
                            << bound);
        CHECK(submitted <= bound);
        CHECK(submitted >= bound / 4);
      }
}

TEST_CASE("layers that are not replayed are added: no less than the exact model, and not twice") {
  for (const char* schedule : {"1f1b", "gpipe", "interleaved_1f1b", "zb_h1", "dualpipe"}) {
    PipelineCase c = {.config = kGpt2, .grid = {.pp = 4}, .options = {.microbatches = 64}};
    c.options.schedule = schedule;
    c.options.chunks = default_chunks(schedule);
    c.config.layers = 20'000;
    double exact = 0;
    for (const MemoryEstimate& rank : estimate(c)) exact += static_cast<double>(rank.total());
    INFO(schedule << ": " << bound_of(c) / exact);
    CHECK(bound_of(c) >= exact);
    CHECK(bound_of(c) <= 2 * exact);
  }
}

TEST_CASE("16 million layers are bounded at once: in numbers that do not overflow") {
  DecoderConfig config = kGpt2;
  config.layers = 1 << 24;
  const RunBound bound = training_bound(config, {.pp = 4}, {.microbatches = 8}, 64);
  CHECK(bound.weights > 12.0 * config.layers * static_cast<double>(config.hidden * config.ffn));
  CHECK(bound.layers == 1 << 24);
  CHECK(bound.operations > 8.0 * config.layers);
}

}  // namespace shardpipe
