#include "labs/stage_costs.h"

#include "labs/run_on.h"

namespace shardpipe {
namespace {

constexpr double kNs = 1e-9;

// One micro-batch, forward and back, in halves.
Schedule once_through(int ranks) {
  Schedule schedule = {.name = "once", .stages = ranks, .microbatches = 1};
  for (int r = 0; r < ranks; ++r)
    schedule.ranks.push_back({{.stage = r, .kind = ActionKind::F},
                              {.stage = r, .kind = ActionKind::I},
                              {.stage = r, .kind = ActionKind::W}});
  return schedule;
}

// Bytes and times do not depend on numbers.
RankProgram one_microbatch(const DecoderConfig& config, const PipelineOptions& options,
                           Index tokens) {
  return [=](RankContext& ctx) {
    PipelineDecoder model(ctx, config, tokens, options);
    model.fill(ctx, gpt2_init(1, config.layers));
    const std::vector<std::int32_t> zeros(static_cast<std::size_t>(tokens));
    const std::vector<Batch> batches(static_cast<std::size_t>(ctx.dp.size()), Batch{zeros, zeros});
    ctx.begin_window();
    model.forward_backward(batches, ctx);
    ctx.end_window();
  };
}

}  // namespace

Costs stage_costs(const LabOptions& o, const DecoderConfig& config, const PipelineOptions& pipeline,
                  Index tokens) {
  LabOptions modelled = o;
  modelled.device = "modelled";
  modelled.trace.reset();
  PipelineOptions options = pipeline;
  options.own_schedule = [](int ranks, int) { return once_through(ranks); };
  options.microbatches = options.chunks = 1;
  const Trace trace = run_on(modelled, one_microbatch(config, options, tokens)).trace;
  Costs sums = {0, 0, 0, 0};
  int messages = 0;
  for (const Span& span : trace.spans) {
    const double busy = static_cast<double>(span.busy_ns()) * kNs;
    if (span.kind == OpKind::exchange) {
      sums.C += busy;
      ++messages;
    }
    if (trace.lanes[static_cast<std::size_t>(span.lane)].stream != 0) continue;
    if (span.tags.phase == Phase::forward) sums.F += busy;
    if (span.tags.phase == Phase::backward_input) sums.I += busy;
    if (span.tags.phase == Phase::backward_weight) sums.W += busy;
  }
  const double ranks = o.grid.ranks();
  return {sums.F / ranks, sums.I / ranks, sums.W / ranks, messages == 0 ? 0 : sums.C / messages};
}

}  // namespace shardpipe
