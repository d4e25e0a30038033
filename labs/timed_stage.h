// A stage that computes nothing and takes as long as it is told, on the modelled device: for
// comparing the runner with the simulator.
#pragma once

#include <cmath>

#include "core/launch/launch.h"
#include "core/pipeline/runner.h"
#include "core/schedule/simulator.h"

namespace shardpipe {

inline constexpr double kUnit_ns = 1000;  // of one unit of Costs

class TimedStage : public Layer {
 public:
  TimedStage(const Costs& costs, int chunks, Boundary boundary)
      : costs_(costs), chunks_(chunks), boundary_(boundary) {}

  Tensor forward(Tensor x, int microbatch, RankContext& ctx) override {
    saved_[microbatch] = x;
    return work(ActionKind::F, x, ctx);
  }
  Tensor backward_input(Tensor dy, int, RankContext& ctx) override {
    return work(ActionKind::I, dy, ctx);
  }
  void backward_weight(int microbatch, RankContext& ctx) override {
    work(ActionKind::W, take(saved_, microbatch), ctx);
  }
  Tensor backward(Tensor dy, int microbatch, RankContext& ctx) override {
    saved_.erase(microbatch);
    return work(ActionKind::B, dy, ctx);
  }
  void drop(int microbatch) override { saved_.erase(microbatch); }

 private:
  Tensor work(ActionKind kind, const Tensor& input, RankContext& ctx) {
    Tensor out(ctx.device, boundary_.shape, boundary_.dtype);
    OpInfo op = {.name = "work", .flops = cost_of(kind, costs_) / chunks_ * kUnit_ns};
    op.operands = {out.write()};
    if (!input.empty()) op.operands.push_back(input.read());
    ctx.compute.submit(std::move(op), [] {});
    return out;
  }

  Costs costs_;
  int chunks_;
  Boundary boundary_;
  std::map<int, Tensor> saved_;
};

// Flops are nanoseconds, an exchange takes `latency` units, and nothing else takes time.
class TimedCosts : public CostModel {
 public:
  explicit TimedCosts(double latency) : latency_(latency) {}
  std::int64_t duration_ns(const OpInfo& op) const override {
    if (op.kind == OpKind::exchange) return std::llround(latency_ * kUnit_ns);
    return op.kind == OpKind::compute ? std::llround(op.flops) : 0;
  }

 private:
  double latency_;
};

// What the runner does with a schedule whose stages only take time, on the modelled machine.
struct TimedRun {
  double makespan = 0;                   // units
  std::vector<int> peak_in_flight = {};  // by rank
  Trace trace = {};
};
TimedRun run_timed(const Program& program, const Costs& costs, RunnerOptions options);

// Its makespan, with one message an exchange.
double timed_run(const Schedule& schedule, const Costs& costs, P2p p2p);

}  // namespace shardpipe
