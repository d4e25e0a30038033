#include "labs/day04_communication/block_styles.h"

#include <algorithm>

#include "core/model/error_bound.h"
#include "core/tensor_parallel/parallel_block.h"
#include "core/trace/stats.h"
#include "labs/report.h"

namespace shardpipe {
namespace {

constexpr double kNs = 1e-9;

DecoderConfig config_of(const BlockStyle& style, const LabOptions& o, const LabShape& s) {
  DecoderConfig config = layer_model_of(o, s);
  config.twin = style.twin;
  return config;
}

BlockOptions block_of(const BlockStyle& style, const DecoderConfig& config) {
  BlockOptions o = block_options(config);
  o.attention.recompute_softmax = style.recompute_softmax;
  if (style.parallel) o.attention.bias = o.mlp.bias = false;
  return o;
}

std::unique_ptr<Layer> block_in_style(RankContext& ctx, const BlockStyle& style,
                                      const DecoderConfig& config) {
  const BlockOptions options = block_of(style, config);
  if (style.answered && ctx.tp.size() > 1) {
    check_config(config, ctx.tp.size());
    return style.answered(ctx, options);
  }
  if (style.parallel) return std::make_unique<ParallelBlock>(ctx, 0, options);
  if (style.fused) return std::make_unique<FusedBlock>(ctx, 0, options, *style.fused);
  return std::make_unique<TransformerBlock>(ctx, 0, options);
}

}  // namespace

LabResult run_block(const std::string& lab, const BlockStyle& style, const LabOptions& o) {
  BlockStyle once = style;
  once.recompute_softmax = false;
  const auto making = [&](const BlockStyle& which) {
    return [which, &o](RankContext& ctx, const LabShape& s, DType) {
      return block_in_style(ctx, which, config_of(which, o, s));
    };
  };
  return run_layer_lab({.name = lab,
                        .make = making(style),
                        .make_once = making(once),
                        .config =
                            [&](const LabShape& s) {
                              DecoderConfig config = config_of(style, o, s);
                              config.fused = style.fused.has_value();
                              return config;
                            },
                        .splits_tokens = splits_tokens(style.twin.style)},
                       o);
}

std::int64_t kept_bytes(const BlockStyle& style, const LabShape& shape, const LabOptions& o) {
  std::int64_t kept = 0;
  LabOptions modelled = o;
  modelled.device = "modelled";
  run_on(modelled, [&](RankContext& ctx) {
    const DType dtype = dtype_on(o.device);
    const auto block = block_in_style(ctx, style, config_of(style, o, shape));
    const int parts = splits_tokens(style.twin.style) ? o.grid.tp : 1;
    Tensor x(ctx.device, {shape.tokens() / parts, shape.hidden}, dtype);
    ctx.math.fill(x, 0, ctx.compute);
    const std::int64_t before = ctx.device.memory().live_bytes();
    const Tensor y = block->forward(x, 0, ctx);
    kept = ctx.device.memory().live_bytes() - before - y.bytes();
  });
  return kept;
}

std::vector<std::string> sweep_columns(const std::string& first) {
  return {first, "step", "exposed communication", "hidden communication", "peak memory"};
}

std::vector<std::string> sweep_row(const std::string& name, const LabResult& r) {
  const TraceStats stats = statistics(r.report.trace);
  std::int64_t exposed = 0, hidden = 0;  // of the rank that exposes most
  for (const RankTime& rank : stats.ranks)
    if (rank.exposed_comm_ns >= exposed) {
      exposed = rank.exposed_comm_ns;
      hidden = rank.overlapped_comm_ns;
    }
  const auto a_step = [&](std::int64_t ns) {
    return human_time(static_cast<double>(ns) * kNs / r.steps);
  };
  const std::string share = hidden == 0 ? "" : text(" (", 100 * hidden / (exposed + hidden), " %)");
  return {name, a_step(r.report.trace.wall_ns), a_step(exposed), a_step(hidden) + share,
          human_bytes(static_cast<double>(r.report.ranks.at(0).peak_bytes))};
}

LabOptions for_sweep(LabOptions options) {
  options.check = options.asks_work = false;
  options.trace.reset();
  if (options.device == "modelled") options.steps = 1;
  return options;
}

std::string clock_of_sweep(const LabOptions& o) {
  return o.device == "modelled" ? "modelled on " + o.hardware : "measured here";
}

}  // namespace shardpipe
