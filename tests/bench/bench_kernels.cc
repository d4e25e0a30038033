// Speed of the cpu kernels on one thread: the median of several runs, on tensors that do not fit
// into the caches (1024 x 2048 floats = 8 MiB each). Run: build/bench_kernels
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <vector>

#include "core/backends/cpu/kernels/blas.h"
#include "core/backends/cpu/kernels/cpu_kernels.h"
#include "core/base/random.h"
#include "core/launch/machine.h"
#include "core/tensor/math.h"
#include "tests/support/immediate_device.h"

namespace shardpipe {
namespace {

constexpr int kRuns = 15;

class Bench {
 public:
  Tensor random(Shape shape, float shift = 0) {
    Tensor tensor(device_, shape);
    std::vector<float> values(static_cast<std::size_t>(shape.elements()));
    for (std::size_t i = 0; i < values.size(); ++i)
      values[i] = static_cast<float>(random_normal(1, next_seed_, i)) + shift;
    ++next_seed_;
    math_.upload(tensor, values, *stream_);
    return tensor;
  }

  // Prints one row from the flops and bytes that the operation states.
  void row(const char* name, Index elements, const std::function<void(Math&, Stream&)>& op) {
    std::vector<double> seconds;
    for (int run = 0; run < kRuns; ++run) {
      const auto start = std::chrono::steady_clock::now();
      op(math_, *stream_);
      const auto end = std::chrono::steady_clock::now();
      seconds.push_back(std::chrono::duration<double>(end - start).count());
    }
    std::sort(seconds.begin(), seconds.end());
    const double median_s = seconds[kRuns / 2];
    const OpInfo& info = device_.log().back();
    std::printf("%-28s %9.3f ms  %6.2f ns/element  %6.2f GB/s  %7.2f GFLOP/s\n", name,
                1e3 * median_s, 1e9 * median_s / static_cast<double>(elements),
                1e-9 * static_cast<double>(info.bytes) / median_s, 1e-9 * info.flops / median_s);
  }

 private:
  ImmediateDevice device_;
  CpuKernels kernels_;
  Math math_{kernels_};
  std::unique_ptr<Stream> stream_ = device_.make_stream("compute");
  std::uint64_t next_seed_ = 1;
};

void bench_rows(Bench& bench) {
  const Index T = 1024, D = 2048, n = T * D;
  const Tensor x = bench.random({T, D}), y = bench.random({T, D}), z = bench.random({T, D});
  const Tensor v = bench.random({T, D}, 10);  // a second moment is not negative
  const Tensor gamma = bench.random({D}), beta = bench.random({D}), stats = bench.random({T, 2});
  const Tensor gate_up = bench.random({T, 2 * D});
  const Tensor scores = bench.random({4, 512, 1024 / 2}), p = bench.random({4, 512, 512});
  const Tensor heads = bench.random({4, 16, 512, 64});
  bench.row("add", n, [&](Math& m, Stream& s) { m.add(z, x, y, s); });
  bench.row("add in place", n, [&](Math& m, Stream& s) { m.add(z, z, y, s); });
  bench.row("add_bias", n, [&](Math& m, Stream& s) { m.add_bias(z, gamma, s); });
  bench.row("bias_backward", n, [&](Math& m, Stream& s) { m.bias_backward(gamma, x, s); });
  for (const GeluKind kind : {GeluKind::tanh, GeluKind::erf}) {
    const bool tanh = kind == GeluKind::tanh;
    bench.row(tanh ? "gelu tanh" : "gelu erf", n,
              [&](Math& m, Stream& s) { m.gelu(y, x, kind, s); });
    bench.row(tanh ? "gelu_backward tanh" : "gelu_backward erf", n,
              [&](Math& m, Stream& s) { m.gelu_backward(z, y, x, kind, s); });
  }
  bench.row("silu_gate", n, [&](Math& m, Stream& s) { m.silu_gate(y, gate_up, s); });
  bench.row("layer_norm", n,
            [&](Math& m, Stream& s) { m.layer_norm(y, stats, x, gamma, beta, 1e-5f, s); });
  bench.row("layer_norm_backward_input", n,
            [&](Math& m, Stream& s) { m.layer_norm_backward_input(z, y, x, stats, gamma, s); });
  bench.row("layer_norm_backward_weight", n,
            [&](Math& m, Stream& s) { m.layer_norm_backward_weight(gamma, beta, y, x, stats, s); });
  bench.row("causal_softmax", p.elements(),
            [&](Math& m, Stream& s) { m.causal_softmax(p, scores, s); });
  bench.row("exp_minus (softmax, no mask)", n, [&](Math& m, Stream& s) {
    m.exp_minus(y, x, stats.reshape({2 * T}).slice(0, T), D, s);
  });
  bench.row("row_max", n,
            [&](Math& m, Stream& s) { m.row_max(stats.reshape({2 * T}).slice(0, T), x, D, s); });
  bench.row("rotary", heads.elements(),
            [&](Math& m, Stream& s) { m.rotary(heads, heads, 1e4f, false, s); });
  bench.row("adamw", n, [&](Math& m, Stream& s) { m.adamw(x, y, z, v, {}, s); });
}

void bench_gemm(Bench& bench) {
  const Index n = 1024;
  const Tensor a = bench.random({n, n}), b = bench.random({n, n}), c = bench.random({n, n});
  const auto no = Transpose::no, yes = Transpose::yes;
  bench.row("gemm 1024^3", n * n, [&](Math& m, Stream& s) { m.gemm(c, a, no, b, no, {}, s); });
  bench.row("gemm 1024^3, a b^T", n * n,
            [&](Math& m, Stream& s) { m.gemm(c, a, no, b, yes, {}, s); });
  bench.row("gemm 1024^3, a^T b", n * n,
            [&](Math& m, Stream& s) { m.gemm(c, a, yes, b, no, {}, s); });
}

// One row for the operations one after the other, one for the same as one operation.
void bench_fused(Bench& bench) {
  const Index T = 1024, D = 2048, F = 2048, n = T * D;
  const auto no = Transpose::no, yes = Transpose::yes;
  const Tensor x = bench.random({T, D}), h = bench.random({T, D}), y = bench.random({T, D});
  const Tensor parts = bench.random({1, T, D}), dsum = bench.random({T, D});
  const Tensor bias = bench.random({D}), gamma = bench.random({D}), stats = bench.random({T, 2});
  const Tensor beta = bench.random({D});
  const Tensor w = bench.random({F, D});
  const Tensor sum = parts.reshape({T, D});
  bench.row("bias, + x, layer_norm", n, [&](Math& m, Stream& s) {
    m.add_bias(sum, bias, s);
    m.add(h, sum, x, s);
    m.layer_norm(y, stats, h, gamma, beta, 1e-5f, s);
  });
  bench.row("  add_norm", n, [&](Math& m, Stream& s) {
    m.add_norm({h, y, stats, parts, bias, x, gamma, beta}, s);
  });
  bench.row("layer_norm_backward_input, +", n, [&](Math& m, Stream& s) {
    m.layer_norm_backward_input(y, x, h, stats, gamma, s);
    m.add(y, y, dsum, s);
  });
  bench.row("  add_norm_backward_input", n, [&](Math& m, Stream& s) {
    m.add_norm_backward_input({y, x, dsum, h, stats, gamma}, s);
  });
  bench.row("gemm, bias, gelu", n, [&](Math& m, Stream& s) {
    m.gemm(h, x, no, w, yes, {}, s);
    m.add_bias(h, bias, s);
    m.gelu(y, h, GeluKind::tanh, s);
  });
  bench.row("  gemm_bias_gelu", n,
            [&](Math& m, Stream& s) { m.gemm_bias_gelu(y, h, x, w, bias, GeluKind::tanh, s); });
}

// What Math costs without kernels: checks and an OpInfo, on a device without numbers.
void bench_logging() {
  ImmediateDevice device(false);
  CpuKernels kernels;
  Math math(kernels);
  const auto stream = device.make_stream("compute");
  const Tensor x(device, {1024, 2048}), y(device, {1024, 2048}), stats(device, {1024, 2});
  const Tensor a(device, {1024, 1024}), b(device, {1024, 2048}), gamma(device, {2048});
  const int rounds = 100000;
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < rounds; ++i) {
    math.gemm(y, a, Transpose::no, b, Transpose::no, {}, *stream);
    math.gelu(y, x, GeluKind::tanh, *stream);
    math.layer_norm(y, stats, x, gamma, gamma, 0, *stream);
  }
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  std::printf("Math, logged only: %.2f million operations/s\n",
              1e-6 * 3 * rounds / elapsed.count());
}

}  // namespace
}  // namespace shardpipe

int main() {
  shardpipe::use_one_blas_thread();
  std::printf("BLAS: %s\n", shardpipe::blas_description().c_str());
  shardpipe::Bench bench;
  shardpipe::bench_rows(bench);
  shardpipe::bench_gemm(bench);
  shardpipe::bench_fused(bench);
  shardpipe::bench_logging();
}
