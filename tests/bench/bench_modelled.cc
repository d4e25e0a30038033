// How fast the modelled backend is: 8 ranks (tp 4 x dp 2), 2 streams, one million operations in
// all. Prints operations a second for logging alone, and for the whole run: logged, timed, checked
// for races and deadlocks, without and with a trace.
#include <chrono>
#include <cstdio>

#include "core/launch/launch.h"

namespace shardpipe {
namespace {

constexpr int kRanks = 8, kOps = 1'000'000;
constexpr int kLayers = kOps / kRanks / 5;  // 5 operations a layer

struct FixedCosts : CostModel {
  std::int64_t duration_ns(const OpInfo& op) const override {
    return is_communication(op.kind) ? 4000 : 10000;
  }
  std::int64_t launch_ns() const override { return 3000; }
};

void gemm(Stream& stream, const Tensor& out, const Tensor& a, const Tensor& b) {
  stream.submit(OpInfo{.name = "gemm", .operands = {out.write(), a.read(), b.read()}}, [] {});
}

// The backward of a layer: dW overlaps with the all-reduce of dx, of the gradients every other one.
void layers(RankContext& ctx, double& logged_s) {
  const auto begin = std::chrono::steady_clock::now();
  Tensor w(ctx.device, {64, 64}), dw(ctx.device, {64, 64});
  Tensor x(ctx.device, {32, 64}), dy(ctx.device, {32, 64});
  for (int layer = 0; layer < kLayers; ++layer) {
    auto mark = ctx.scope({.layer = layer % 32});
    Tensor dx(ctx.device, {32, 64});  // [T,D]
    gemm(ctx.compute, dx, dy, w);
    ctx.comm.wait(ctx.compute.record());  // dx is partial
    ctx.tp.all_reduce(dx, ctx.comm);
    gemm(ctx.compute, dw, x, dy);
    ctx.comm.wait(ctx.compute.record());  // dw is complete
    ctx.dp.all_reduce(dw, ctx.comm);
    ctx.compute.wait(ctx.comm.record());  // dx and dw are reduced
    gemm(ctx.compute, w, dw, w);
    dy = dx;
  }
  logged_s += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

double whole_run_s(bool record_trace, double& logged_s) {
  RunOptions options{.grid = {.tp = 4, .dp = 2}};
  options.record_trace = record_trace;
  const auto begin = std::chrono::steady_clock::now();
  run_modelled(options, FixedCosts(), [&](RankContext& ctx) { layers(ctx, logged_s); });
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace
}  // namespace shardpipe

int main() {
  using namespace shardpipe;
  for (int round = 0; round < 3; ++round) {
    double logged_s = 0, unused_s = 0;
    const double untraced_s = whole_run_s(false, logged_s);
    const double traced_s = whole_run_s(true, unused_s);
    std::printf("logged %.2f M ops/s, logged + timed + checked %.2f M ops/s, with a trace %.2f M\n",
                1e-6 * kOps / logged_s, 1e-6 * kOps / untraced_s, 1e-6 * kOps / traced_s);
  }
}
