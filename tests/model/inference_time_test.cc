// Inference pipelines on a modelled machine where a stage's work on one group takes one unit, a
// message C units and nothing else takes time: what lags and groups cost, exactly. Every run passes
// the race check of the modelled machine.
#include <cmath>

#include "tests/support/catch.h"
#include "tests/support/inference_cases.h"

namespace shardpipe {
namespace {

constexpr double kUnit_ns = 1000;

// Each stage has one layer, and the layer's product of queries and keys is all its work.
class OneProductCosts : public CostModel {
 public:
  explicit OneProductCosts(double latency) : latency_(latency) {}
  std::int64_t duration_ns(const OpInfo& op) const override {
    if (op.kind == OpKind::exchange) return std::llround(latency_ * kUnit_ns);
    return std::string(op.name) == "gemm QK" ? std::llround(kUnit_ns) : 0;
  }

 private:
  double latency_;
};

// Units from the first to the last operation.
double makespan(int p, int groups, int tokens, bool hide, double latency) {
  const InferenceCase c = {.config = {.layers = p,
                                      .hidden = 8,
                                      .ffn = 8,
                                      .heads = 2,
                                      .kv_heads = 2,
                                      .vocabulary = 5,
                                      .sequence = 32},
                           .options = {.groups = groups, .sequences = 2, .hide_messages = hide}};
  const RunReport report =
      run_modelled({.grid = {.pp = p}}, OneProductCosts(latency), [&](RankContext& ctx) {
        InferencePipeline model(ctx, c.config, c.options);
        ctx.begin_window();
        model.generate(prompts_of(c), tokens, ctx);
        ctx.end_window();
      });
  return static_cast<double>(report.trace.wall_ns) / kUnit_ns;
}

// Units that one more token of every group takes, once the pipeline is full.
double period(int p, int groups, bool hide, double latency) {
  return makespan(p, groups, 9, hide, latency) - makespan(p, groups, 8, hide, latency);
}

}  // namespace

TEST_CASE("lag 1: a tick is the work and the message; g >= p groups leave no stage idle") {
  for (const int p : {1, 2, 3, 4})
    for (const int groups : {1, p, p + 1, 2 * p})
      for (const double latency : {0.0, 0.5, 2.0}) {
        INFO("p " << p << " g " << groups << " C " << latency);
        const double tick = p == 1 ? 1 : 1 + latency;
        // A stage works `groups` units a period: without latency all of it, if groups >= p, and
        // 1/p of it with a single group.
        CHECK(period(p, groups, false, latency) == Approx(std::max(groups, p) * tick));
        const int ticks = DecodeRing(p, groups, 8, 1).ticks();
        CHECK(makespan(p, groups, 8, false, latency) == Approx(ticks * tick));
      }
}

TEST_CASE("lag 2: with 2p groups, messages no longer than the work cost nothing") {
  for (const int p : {2, 3, 4})
    for (const int groups : {2 * p, 2 * p + 1})
      for (const double latency : {0.0, 0.5, 1.0, 2.0}) {
        INFO("p " << p << " g " << groups << " C " << latency);
        CHECK(period(p, groups, true, latency) == Approx(groups * std::max(1.0, latency)));
      }
  // Every tick one unit, and at the end the last tokens on their way to the first stage.
  CHECK(makespan(4, 8, 8, true, 1) == Approx(DecodeRing(4, 8, 8, 2).ticks() + 1));
}

TEST_CASE("with fewer groups than 2p, lag 2 waits for the way around: p works and p messages") {
  for (const int p : {2, 4})
    for (const int groups : {1, p})
      for (const double latency : {0.0, 0.5, 1.0})
        CHECK(period(p, groups, true, latency) == Approx(p * (1 + latency)));
}

}  // namespace shardpipe
