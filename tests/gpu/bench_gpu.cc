// What the kernels of the cuda backend and its all-reduces take on this machine, by the GPU's own
// clock: the median span of several. The bytes are those that an operation states, so "of copy"
// says how far it is from moving them as fast as a copy of this run.
//   bench_gpu [--small]   --small: sizes for a dry run
#include <cstdio>
#include <cstring>
#include <functional>

#include "core/launch/launch.h"
#include "tests/bench/spread.h"

namespace shardpipe {
namespace {

constexpr int kWarmup = 3, kRuns = 9;

struct Measured {
  double seconds = 0, bytes = 0, flops = 0;
};

using Operation = std::function<void(RankContext&)>;

// The slowest rank's spans of one operation; it is made on every rank.
Measured measure(int ranks, const std::function<Operation(RankContext&)>& make) {
  const RunReport report = run_on_cuda({.grid = {.tp = ranks}}, [&](RankContext& ctx) {
    const Operation run = make(ctx);
    for (int i = 0; i < kWarmup; ++i) run(ctx);
    ctx.begin_window();
    for (int i = 0; i < kRuns; ++i) run(ctx);
    ctx.end_window();
  });
  Measured result;
  for (int rank = 0; rank < ranks; ++rank) {
    std::vector<double> seconds;
    for (const Span& span : report.trace.spans) {
      if (report.trace.lanes[static_cast<std::size_t>(span.lane)].rank != rank) continue;
      seconds.push_back(static_cast<double>(span.busy_ns()) * 1e-9);
      result.bytes = static_cast<double>(span.bytes);
      result.flops = span.flops;
    }
    if (seconds.empty()) fail("the trace holds no span of the operation");
    result.seconds = std::max(result.seconds, spread(seconds).median);
  }
  return result;
}

Tensor ones(RankContext& ctx, Shape shape, DType dtype) {
  Tensor t(ctx.device, shape, dtype);
  ctx.math.fill(t, 1, ctx.compute);
  return t;
}

class Kernels {
 public:
  explicit Kernels(Index n) : n_(n) {}

  void print(DType dtype) {
    const char* type = dtype == DType::bf16 ? "bf16" : "f32";
    const Index n = n_;
    row("copy", type, [=](RankContext& ctx) -> Operation {
      const Tensor x = ones(ctx, {n, n}, dtype), y = ones(ctx, {n, n}, dtype);
      return [=](RankContext& c) { c.math.copy(y, x, c.compute); };
    });
    row("add", type, [=](RankContext& ctx) -> Operation {
      const Tensor x = ones(ctx, {n, n}, dtype), y = ones(ctx, {n, n}, dtype);
      return [=](RankContext& c) { c.math.add(y, y, x, c.compute); };
    });
    row("gelu", type, [=](RankContext& ctx) -> Operation {
      const Tensor x = ones(ctx, {n, n}, dtype), y = ones(ctx, {n, n}, dtype);
      return [=](RankContext& c) { c.math.gelu(y, x, GeluKind::tanh, c.compute); };
    });
    row("bias_backward", type, [=](RankContext& ctx) -> Operation {
      const Tensor x = ones(ctx, {n, n}, dtype), bias = ones(ctx, {n}, dtype);
      return [=](RankContext& c) { c.math.bias_backward(bias, x, c.compute); };
    });
    row("rms_norm", type, [=](RankContext& ctx) -> Operation {
      const Tensor x = ones(ctx, {n, n}, dtype), y = ones(ctx, {n, n}, dtype);
      const Tensor stats = ones(ctx, {n, 1}, DType::f32), gamma = ones(ctx, {n}, dtype);
      return [=](RankContext& c) { c.math.rms_norm(y, stats, x, gamma, 1e-5f, c.compute); };
    });
    row("gemm", type, [=](RankContext& ctx) -> Operation {
      const Tensor a = ones(ctx, {n, n}, dtype), b = ones(ctx, {n, n}, dtype);
      const Tensor y = ones(ctx, {n, n}, dtype);
      return [=](RankContext& c) {
        c.math.gemm(y, a, Transpose::no, b, Transpose::yes, {}, c.compute);
      };
    });
  }

 private:
  void row(const char* name, const char* type, const std::function<Operation(RankContext&)>& make) {
    const Measured m = measure(1, make);
    const double rate = m.bytes / m.seconds;
    if (std::strcmp(name, "copy") == 0) copy_rate_ = rate;
    std::printf("%-14s %-4s [%lld,%lld] %10.1f us %8.1f GB/s %4.0f %% of copy %8.2f TFLOP/s\n",
                name, type, static_cast<long long>(n_), static_cast<long long>(n_), 1e6 * m.seconds,
                1e-9 * rate, 100 * rate / copy_rate_, 1e-12 * m.flops / m.seconds);
  }

  Index n_;
  double copy_rate_ = 1;
};

void print_all_reduce(int ranks, Index bytes) {
  const Measured m = measure(ranks, [=](RankContext& ctx) -> Operation {
    const Tensor x = ones(ctx, {bytes / 4}, DType::f32);
    return [=](RankContext& c) { c.tp.all_reduce(x, c.compute); };
  });
  std::printf("all_reduce     f32  %d ranks, %9lld bytes %10.1f us %8.1f GB/s\n", ranks,
              static_cast<long long>(bytes), 1e6 * m.seconds,
              1e-9 * static_cast<double>(bytes) / m.seconds);
}

void bench(bool is_small) {
  Kernels kernels(is_small ? 48 : 4096);
  for (const DType dtype : {DType::f32, DType::bf16}) kernels.print(dtype);
  for (const int ranks : {2, 4})
    for (const Index bytes : {Index{1} << 12, Index{1} << 20, Index{1} << 26})
      if (!is_small || bytes < 1 << 20) print_all_reduce(ranks, bytes);
}

}  // namespace
}  // namespace shardpipe

int main(int argc, char** argv) {
  using namespace shardpipe;
  try {
    bench(argc == 2 && std::strcmp(argv[1], "--small") == 0);
    return 0;
  } catch (const Error& e) {
    std::printf("%s\n", e.what());
    return e.code() == ExitCode::absent ? 77 : 1;
  }
}
