#include "tests/support/pipeline_cases.h"

#include "core/schedule/builders.h"

namespace shardpipe {

RankResult run_pipeline(RankContext& ctx, const PipelineCase& c, const Fill& fill) {
  PipelineDecoder model(ctx, c.config, tokens_of(c.config), c.options);
  model.fill(ctx, fill);
  std::vector<Batch> batches;
  for (int k = 0; k < c.options.microbatches * c.grid.dp; ++k)
    batches.push_back({tokens_of(c.config, k), targets_of(c.config, k)});
  RankResult result;
  for (const auto& [k, loss] : model.forward_backward(batches, ctx)) {
    const int of_all = ctx.dp.rank() * c.options.microbatches + k;
    result.push_back(hold_whole(ctx, text("loss", of_all), loss));
  }
  hold_gradients(ctx, model.parameters(), result);
  return result;
}

RankResult run_without_pipeline(RankContext& ctx, const PipelineCase& c, const Fill& fill) {
  const int all = c.options.microbatches * c.grid.dp;
  return run_decoder(ctx, c.config, fill, c.options.loss_scale / static_cast<float>(all), all);
}

std::string to_string(const PipelineCase& c) {
  const PipelineOptions& o = c.options;
  return text(o.schedule, " m=", o.microbatches, " v=", o.chunks, " tp", c.grid.tp, " pp",
              c.grid.pp, " dp", c.grid.dp, " ", name_of(o.p2p), " ", name_of(o.gradient_sync),
              o.scatter ? " scatter" : "", o.recompute ? " recompute" : "",
              o.group_messages ? " grouped" : "");
}

bool is_valid(const PipelineOptions& options, int pp) {
  try {
    build_schedule(options.schedule, pp, options.microbatches, options.chunks, options.group);
    return true;
  } catch (const Error& error) {
    if (error.code() != ExitCode::usage) throw;
    return false;
  }
}

}  // namespace shardpipe
