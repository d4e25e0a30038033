// The model of memory against the allocator: one training step, optimizer included, of every
// schedule. The two agree to the byte, on every rank.
#include "core/plan/memory_model.h"
#include "core/model/optimizer.h"
#include "core/plan/layer_memory.h"
#include "core/schedule/builders.h"
#include "core/schedule/simulator.h"
#include "tests/support/catch.h"
#include "tests/support/pipeline_cases.h"
#include "tests/support/usage_error.h"

namespace shardpipe {
namespace {

const DecoderConfig kGpt2 = {.layers = 8,
                             .hidden = 64,
                             .ffn = 256,
                             .heads = 4,
                             .kv_heads = 4,
                             .vocabulary = 250,
                             .sequence = 32};
const DecoderConfig kLlama = {.family = Family::llama,
                              .layers = 8,
                              .hidden = 64,
                              .ffn = 96,
                              .heads = 4,
                              .kv_heads = 1,
                              .vocabulary = 250,
                              .sequence = 32,
                              .tied = false};

struct Measured {
  std::vector<std::int64_t> peak_bytes;
  std::vector<int> peak_in_flight;
};

Measured measure(const PipelineCase& c, bool modelled) {
  struct NoTime : CostModel {
    std::int64_t duration_ns(const OpInfo&) const override { return 1; }
  };
  Measured m{.peak_bytes = {}, .peak_in_flight = std::vector<int>(c.grid.ranks())};
  const RankProgram program = [&](RankContext& ctx) {
    PipelineDecoder model(ctx, c.config, tokens_of(c.config), c.options);
    model.fill(ctx, gpt2_init(1));
    AdamW optimizer(ctx, model.parameters(), {});
    std::vector<Batch> batches;
    for (int k = 0; k < c.options.microbatches * c.grid.dp; ++k)
      batches.push_back({tokens_of(c.config, k), targets_of(c.config, k)});
    ctx.begin_window();
    model.forward_backward(batches, ctx);
    optimizer.step(ctx);
    ctx.end_window();
    m.peak_in_flight[static_cast<std::size_t>(ctx.rank)] = model.peak_in_flight();
  };
  const RunOptions options = {.grid = c.grid, .order = c.order, .record_trace = false};
  const RunReport report =
      modelled ? run_modelled(options, NoTime(), program) : run_on_cpu(options, program);
  for (const RankReport& r : report.ranks) m.peak_bytes.push_back(r.peak_bytes);
  return m;
}

std::vector<MemoryEstimate> estimate(const PipelineCase& c) {
  return training_memory(c.config, c.grid, c.options, tokens_of(c.config), OptimizerStates::adamw);
}

void compare(const PipelineCase& c, bool modelled) {
  const Measured is = measure(c, modelled);
  const auto want = estimate(c);
  const ProcessGrid grid(c.grid, c.order);
  for (std::size_t rank = 0; rank < is.peak_bytes.size(); ++rank) {
    const MemoryEstimate& e =
        want[static_cast<std::size_t>(grid.coord_of(static_cast<int>(rank)).pp)];
    INFO(to_string(c) << " " << name_of(c.config.family) << " rank " << rank << " worst "
                      << to_string(e.step.worst_action));
    CHECK(e.total() == is.peak_bytes[rank]);
    CHECK(e.step.peak_in_flight == is.peak_in_flight[rank]);
  }
}

std::vector<PipelineCase> all_schedules(const DecoderConfig& config, GridShape grid) {
  std::vector<PipelineCase> cases;
  for (const std::string& name : schedule_names())
    for (const bool recompute : {false, true}) {
      const PipelineOptions options = {.schedule = name,
                                       .microbatches = 4,
                                       .chunks = default_chunks(name),
                                       .recompute = recompute};
      if (name != "forward_only" && is_valid(options, grid.pp))
        cases.push_back({.config = config, .grid = grid, .options = options});
    }
  return cases;
}

}  // namespace

TEST_CASE("the model finds the peak of every rank: schedules, grids, families, recomputation") {
  for (const DecoderConfig& config : {kGpt2, kLlama})
    for (const GridShape grid :
         {GridShape{}, GridShape{.tp = 2}, GridShape{.pp = 2}, GridShape{.tp = 2, .pp = 2},
          GridShape{.pp = 2, .dp = 2}, GridShape{.tp = 4, .pp = 4}})
      for (const PipelineCase& c : all_schedules(config, grid)) compare(c, /*modelled=*/true);
}

}  // namespace shardpipe
