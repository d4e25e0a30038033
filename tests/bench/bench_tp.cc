// Step time of a small model on one and on two ranks of this machine, one thread a rank, and what
// tracing costs. The shape is fixed: 4 layers, D=512, F=2048, 8 heads, 4 x 256 tokens, 256 bytes.
// Runs alternate, so that a machine whose speed drifts treats both alike.
#include <chrono>
#include <cstdio>
#include <vector>

#include "core/base/random.h"
#include "core/launch/launch.h"
#include "core/launch/machine.h"
#include "core/model/decoder.h"
#include "core/model/optimizer.h"
#include "core/trace/recorder.h"
#include "tests/bench/spread.h"

namespace shardpipe {
namespace {

constexpr int kSteps = 2, kRounds = 7;

struct Measured {
  double step_s = 0;
  double spans = 0;  // a rank and step
};

Measured measure(int tp, bool trace) {
  const DecoderConfig config{
      .layers = 4, .hidden = 512, .ffn = 2048, .heads = 8, .kv_heads = 8, .sequence = 256};
  const RunReport report =
      run_on_cpu({.grid = {.tp = tp}, .record_trace = trace}, [&](RankContext& ctx) {
        Decoder model(ctx, config);
        model.fill(ctx, [](const std::string& name, Index i) {  // quicker than normal numbers
          return 0.04f *
                 static_cast<float>(
                     random_uniform(1, stream_of(name), static_cast<std::uint64_t>(i)) - 0.5);
        });
        AdamW optimizer(ctx, model.parameters(), {});
        std::vector<std::int32_t> bytes;
        for (std::uint64_t i = 0; i < 1024; ++i)
          bytes.push_back(static_cast<int>(random_bits(1, 2, i) % 256));
        Tensor tokens(ctx.device, {1024}, DType::i32);
        ctx.math.upload(tokens, bytes, ctx.compute);
        auto step = [&] {
          model.forward(tokens, tokens, 0, ctx);
          model.backward(1, 0, ctx);
          model.reduce_replicated_gradients(ctx);
          optimizer.step(ctx);
        };
        step();
        ctx.begin_window();
        for (int i = 0; i < kSteps; ++i) step();
        ctx.end_window();
      });
  return {static_cast<double>(report.trace.wall_ns) * 1e-9 / kSteps,
          static_cast<double>(report.trace.spans.size()) / tp / kSteps};
}

// What one span costs, timed alone.
double span_ns() {
  StreamLog log;
  SpanRecord record{.name = "gemm"};
  const auto begin = std::chrono::steady_clock::now();
  constexpr int kSpans = 1'000'000;
  for (int i = 0; i < kSpans; ++i) {
    record.posted_ns = std::chrono::steady_clock::now().time_since_epoch().count();
    record.end_ns = std::chrono::steady_clock::now().time_since_epoch().count();
    log.add(record);
  }
  return std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - begin)
             .count() /
         kSpans;
}

}  // namespace
}  // namespace shardpipe

int main() {
  using namespace shardpipe;
  std::vector<double> one, two, ratio, traced_over_untraced;
  double spans = 0;
  for (int round = 0; round < kRounds; ++round) {
    const Measured a = measure(1, true), b = measure(2, true), c = measure(2, false);
    one.push_back(a.step_s);
    two.push_back(b.step_s);
    ratio.push_back(a.step_s / b.step_s);
    traced_over_untraced.push_back(b.step_s / c.step_s);
    spans = b.spans;
    std::fprintf(stderr, "round %d of %d: %.2fx\n", round + 1, kRounds, ratio.back());
  }
  const Spread r = spread(ratio), t = spread(traced_over_untraced);
  std::printf("%s, %d rounds of %d steps\n", blas_description().c_str(), kRounds, kSteps);
  std::printf("step, tp=1                 %7.1f ms\n", spread(one).median * 1e3);
  std::printf("step, tp=2                 %7.1f ms\n", spread(two).median * 1e3);
  std::printf("tp=1 over tp=2             %7.2fx   (%.2f .. %.2f)\n", r.median, r.low, r.high);
  std::printf("traced over untraced       %7.3fx   (%.3f .. %.3f)\n", t.median, t.low, t.high);
  const double share = spans * span_ns() * 1e-9 / spread(two).median;
  std::printf("spans a rank and step      %7.0f     at %.0f ns each: %.4f %% of the step\n", spans,
              span_ns(), 100 * share);
}
