#include "tests/plan/memory_cases.h"

#include "core/model/optimizer.h"
#include "core/schedule/builders.h"

namespace shardpipe {
namespace {

class NoTime : public CostModel {
  std::int64_t duration_ns(const OpInfo&) const override { return 1; }
};

}  // namespace

Measured measure(const PipelineCase& c, bool modelled) {
  Measured m;
  m.peak_in_flight.resize(static_cast<std::size_t>(c.grid.ranks()));
  const RankProgram program = [&](RankContext& ctx) {
    PipelineDecoder model(ctx, c.config, tokens_of(c.config), c.options);
    model.fill(ctx, gpt2_init(1, c.config.layers));
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

std::string first_difference(const PipelineCase& c, const Measured& measured) {
  const std::vector<MemoryEstimate> estimates = estimate(c);
  const ProcessGrid grid(c.grid, c.order);
  for (int rank = 0; rank < c.grid.ranks(); ++rank) {
    const MemoryEstimate& e = estimates[static_cast<std::size_t>(grid.coord_of(rank).pp)];
    const std::int64_t peak = measured.peak_bytes[static_cast<std::size_t>(rank)];
    const int in_flight = measured.peak_in_flight[static_cast<std::size_t>(rank)];
    if (e.total() != peak || e.step.peak_in_flight != in_flight)
      return text(name_of(c.config.family), " ", to_string(c), " rank ", rank, ": predicted ",
                  e.total(), " bytes at ", to_string(e.step.worst_action), ", measured ", peak,
                  "; in flight ", e.step.peak_in_flight, " and ", in_flight);
  }
  return "";
}

std::vector<PipelineCase> all_schedules(const DecoderConfig& config, GridShape grid, int m) {
  std::vector<PipelineCase> cases;
  for (const std::string& name : schedule_names()) {
    const PipelineOptions options = {
        .schedule = name, .microbatches = m, .chunks = default_chunks(name)};
    if (name != "forward_only" && is_valid(options, grid.pp))
      cases.push_back({.config = config, .grid = grid, .options = options});
  }
  return cases;
}

}  // namespace shardpipe
