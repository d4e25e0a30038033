// Step time of a pipeline of two stages against one rank, one thread a rank. The shape is fixed: 8
// equal blocks, D=512, F=2048, 8 heads, m=8 micro-batches of 4 x 256 tokens, no recomputation, no
// embedding and no head. With a bubble of 1/8 two ranks are at most 2 * 8/9 = 1.78 times as fast.
// Runs alternate, so that a machine whose speed drifts treats both alike.
#include <cstdio>

#include "core/base/random.h"
#include "core/launch/launch.h"
#include "core/launch/machine.h"
#include "core/pipeline/runner.h"
#include "core/schedule/builders.h"
#include "core/tensor_parallel/block.h"
#include "tests/bench/spread.h"

namespace shardpipe {
namespace {

constexpr Index kD = 512, kF = 2048, kHeads = 8, kSequence = 256, kTokens = 4 * kSequence;
constexpr int kLayers = 8, kMicrobatches = 8, kRounds = 3;

// A stage of equal blocks. The first has its own input, the last is its own loss: dy = y.
class BenchStage : public Sequential {
 public:
  BenchStage(RankContext& ctx, int first_layer, int layers) : x_(ctx.device, {kTokens, kD}) {
    const BlockOptions options = {
        .D = kD,
        .F = kF,
        .attention = {.heads = kHeads, .kv_heads = kHeads, .sequence = kSequence}};
    for (int i = 0; i < layers; ++i)
      add(std::make_unique<TransformerBlock>(ctx, first_layer + i, options));
    const Fill fill = [](const std::string& name, Index i) {
      const auto at = static_cast<std::uint64_t>(i);
      return 0.04f * static_cast<float>(random_uniform(1, stream_of(name), at) - 0.5);
    };
    for (Parameter* p : parameters()) fill_parameter(ctx, *p, fill);
    std::vector<float> values;
    for (Index i = 0; i < kTokens * kD; ++i) values.push_back(fill("x", i));
    ctx.math.upload(x_, values, ctx.compute);
  }
  Tensor forward(Tensor x, int microbatch, RankContext& ctx) override {
    return y_[microbatch] = Sequential::forward(x.empty() ? x_ : x, microbatch, ctx);
  }
  Tensor backward(Tensor dy, int microbatch, RankContext& ctx) override {
    const Tensor y = take(y_, microbatch);
    return Sequential::backward(dy.empty() ? y : dy, microbatch, ctx);
  }

 private:
  Tensor x_;
  std::map<int, Tensor> y_;
};

// The second of two steps: memory is taken and touched in the first.
double step_s(int pp, const char* schedule) {
  const RunReport report =
      run_on_cpu({.grid = {.pp = pp}, .record_trace = false}, [&](RankContext& ctx) {
        const int layers = kLayers / pp;
        BenchStage stage(ctx, layers * ctx.pp.rank(), layers);
        const Program program = insert_messages(build_schedule(schedule, pp, kMicrobatches, 1));
        PipelineRunner runner(ctx, program, {{ctx.pp.rank(), &stage}}, {{kTokens, kD}, DType::f32},
                              {.p2p = P2p::prefetch});
        runner.run(ctx);
        ctx.begin_window();
        runner.run(ctx);
        ctx.end_window();
      });
  return static_cast<double>(report.trace.wall_ns) * 1e-9;
}

}  // namespace
}  // namespace shardpipe

int main() {
  using namespace shardpipe;
  std::printf("%s, %d rounds\n", blas_description().c_str(), kRounds);
  std::vector<double> one;
  std::vector<std::vector<double>> ratios(2);
  const char* schedules[] = {"gpipe", "1f1b"};
  for (int round = 0; round < kRounds; ++round) {
    one.push_back(step_s(1, "1f1b"));
    for (std::size_t i = 0; i < 2; ++i) ratios[i].push_back(one.back() / step_s(2, schedules[i]));
    std::fprintf(stderr, "round %d of %d: 1f1b %.2fx\n", round + 1, kRounds, ratios[1].back());
  }
  std::printf("step, one rank      %7.2f s\n", spread(one).median);
  for (std::size_t i = 0; i < 2; ++i) {
    const Spread r = spread(ratios[i]);
    std::printf("pp=2 %-8s       %7.2fx   (%.2f .. %.2f)\n", schedules[i], r.median, r.low, r.high);
  }
}
