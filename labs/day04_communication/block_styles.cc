#include "labs/day04_communication/block_styles.h"

#include <algorithm>

#include "core/model/error_bound.h"
#include "core/tensor_parallel/parallel_block.h"
#include "core/trace/stats.h"
#include "labs/report.h"

namespace shardpipe {
namespace {

constexpr double kNs = 1e-9;

DecoderConfig config_of(const LabOptions& o, const LabShape& s, DType dtype) {
  return {.family = parse_family(o.toggle("family")),
          .hidden = s.hidden,
          .ffn = s.ffn,
          .heads = s.heads,
          .kv_heads = s.kv_heads,
          .sequence = s.seq,
          .dtype = dtype};
}

BlockOptions block_of(const BlockStyle& style, const DecoderConfig& config) {
  BlockOptions o = block_options(config);
  o.attention.twin = o.mlp.twin = style.twin;
  o.attention.recompute_softmax = style.recompute_softmax;
  if (style.parallel) o.attention.bias = o.mlp.bias = false;
  return o;
}

}  // namespace

LabResult run_block(const std::string& lab, const BlockStyle& style, const LabOptions& o) {
  return run_layer_lab(
      {.name = lab,
       .make = [&](RankContext& ctx, const LabShape& s, DType dtype) -> std::unique_ptr<Layer> {
         const BlockOptions block = block_of(style, config_of(o, s, dtype));
         if (style.parallel) return std::make_unique<ParallelBlock>(ctx, 0, block);
         return std::make_unique<TransformerBlock>(ctx, 0, block);
       },
       .roundings = [&](const LabShape& s) { return block_roundings(config_of(o, s, DType::f32)); },
       .splits_tokens = splits_tokens(style.twin.style)},
      o);
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
  return {name, a_step(r.report.trace.wall_ns), a_step(exposed), a_step(hidden),
          human_bytes(static_cast<double>(r.report.ranks.at(0).peak_bytes))};
}

LabOptions for_sweep(LabOptions options) {
  options.check = false;
  options.trace_file.clear();
  if (options.device == "modelled") options.steps = 1;
  return options;
}

std::string clock_of_sweep(const LabOptions& o) {
  return o.device == "modelled" ? "modelled on " + o.hardware : "measured here";
}

Toggle block_family_toggle() { return {"family", {"gpt2", "llama"}, "llama", "model family"}; }

}  // namespace shardpipe
