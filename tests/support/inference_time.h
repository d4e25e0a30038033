// A modelled machine for inference pipelines where a stage's work on one group takes one unit, a
// message `latency` units and nothing else takes time.
#pragma once

#include <cmath>

#include "tests/support/inference_cases.h"

namespace shardpipe {

// Each stage has one layer, and the layer's product of queries and keys is all its work.
class OneProductCosts : public CostModel {
 public:
  explicit OneProductCosts(double latency) : latency_(latency) {}
  std::int64_t duration_ns(const OpInfo& op) const override {
    if (op.kind == OpKind::exchange) return std::llround(latency_ * kUnit_ns);
    return std::string(op.name) == "gemm QK" ? std::llround(kUnit_ns) : 0;
  }

  static constexpr double kUnit_ns = 1000;

 private:
  double latency_;
};

struct RingTimes {
  int stages = 1, groups = 1;
  bool hide_messages = false;
  double latency = 0;

  // Units from the first to the last operation of `tokens` tokens a sequence.
  double makespan(int tokens) const {
    const InferenceCase c = {
        .config = {.layers = stages,
                   .hidden = 8,
                   .ffn = 8,
                   .heads = 2,
                   .kv_heads = 2,
                   .vocabulary = 5,
                   .sequence = 32},
        .options = {.groups = groups, .sequences = 2, .hide_messages = hide_messages}};
    const RunReport report =
        run_modelled({.grid = {.pp = stages}}, OneProductCosts(latency), [&](RankContext& ctx) {
          InferencePipeline model(ctx, c.config, c.options);
          ctx.begin_window();
          model.generate(prompts_of(c), tokens, ctx);
          ctx.end_window();
        });
    return static_cast<double>(report.trace.wall_ns) / OneProductCosts::kUnit_ns;
  }

  // Units that one more token of every group takes, once the pipeline is full.
  double period() const { return makespan(9) - makespan(8); }
};

}  // namespace shardpipe
