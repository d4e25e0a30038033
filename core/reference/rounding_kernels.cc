#include "core/reference/rounding_kernels.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

#include "core/base/random.h"

namespace shardpipe {
namespace {

void round_all(const View& v, float step, float limit) {
  float* x = v.f32();
  for (Index i = 0; i < v.elements(); ++i)
    x[i] = std::clamp(std::nearbyint(x[i] / step) * step, -limit, limit);
}

void round_results(const View& v) { round_all(v, 1.0f / 16, 4); }

// The largest power of two that x is a multiple of; infinity for 0.
double lowest_bit(float x) {
  if (x == 0) return std::numeric_limits<double>::infinity();
  int exponent = 0;
  const double fraction = std::frexp(static_cast<double>(std::fabs(x)), &exponent);
  const auto digits = static_cast<std::uint32_t>(fraction * 0x1p24);
  return std::ldexp(1.0, exponent - 24 + std::countr_zero(digits));
}

// The largest power of two that all of them are multiples of.
double grid_of(const float* x, Index n) {
  double grid = std::numeric_limits<double>::infinity();
  for (Index i = 0; i < n; ++i) grid = std::min(grid, lowest_bit(x[i]));
  return grid;
}

void certify(const char* op, double magnitudes, double grid) {
  if (!(magnitudes <= 0x1p24 * grid))
    fail(text("RoundingKernels: ", op, " may round: terms of magnitude ", magnitudes,
              " in all are multiples of ", grid, " only"));
}

// The largest sum of |a| |b| over the elements of one product of the batch.
double largest_product(const GemmCall& c, const float* a, const float* b) {
  const auto size = static_cast<std::size_t>(c.n);
  double largest = 0;
  std::vector<double> row(size);
  for (Index i = 0; i < c.m; ++i) {
    std::fill(row.begin(), row.end(), 0.0);
    for (Index l = 0; l < c.k; ++l) {
      const double ail = std::fabs(c.op_a == Transpose::yes ? a[l * c.m + i] : a[i * c.k + l]);
      if (ail == 0) continue;
      for (Index j = 0; j < c.n; ++j)
        row[static_cast<std::size_t>(j)] +=
            ail * std::fabs(c.op_b == Transpose::yes ? b[j * c.k + l] : b[l * c.n + j]);
    }
    for (const double sum : row) largest = std::max(largest, sum);
  }
  return largest;
}

// What one token adds to a gradient: starts from zero, is rounded, then added. By token, so that
// any ranks may share the tokens.
class RoundedSum {
 public:
  explicit RoundedSum(const View& total)
      : total_(total), sum_(static_cast<std::size_t>(total.elements()), 0.0f) {}
  View view() {
    View v = total_;
    v.data = reinterpret_cast<std::byte*>(sum_.data());
    return v;
  }
  void add() {
    round_all(view(), 1.0f / 16, std::numeric_limits<float>::infinity());
    for (std::size_t i = 0; i < sum_.size(); ++i) total_.f32()[i] += sum_[i];
  }

 private:
  View total_;
  std::vector<float> sum_;
};

View row_of(const View& x, Index row) {  // [1,F] of [T,F]
  View v = x;
  v.shape = {1, x.shape.last()};
  v.data += row * x.shape.last() * size_of(x.dtype);
  return v;
}

double largest(const View& v) {
  double max = 0;
  for (Index i = 0; i < v.elements(); ++i)
    max = std::max(max, static_cast<double>(std::fabs(v.f32()[i])));
  return max;
}

}  // namespace

void RoundingKernels::gemm(const GemmCall& c, Stream& stream) {
  if (c.a.dtype != DType::f32)  // a bf16 holds 2^8 grid and no more
    fail("RoundingKernels: f32 only, not bf16");
  double magnitudes = 0;
  for (Index i = 0; i < c.batch; ++i)
    magnitudes = std::max(
        magnitudes, largest_product(c, c.a.f32() + i * c.m * c.k, c.b.f32() + i * c.stride_b));
  magnitudes *= std::fabs(c.alpha);
  double grid_b = std::numeric_limits<double>::infinity();
  for (Index i = 0; i < c.batch; ++i)
    grid_b = std::min(grid_b, grid_of(c.b.f32() + i * c.stride_b, c.k * c.n));
  double grid = grid_of(c.a.f32(), c.a.elements()) * grid_b * lowest_bit(c.alpha);
  if (c.beta != 0) {
    magnitudes += std::fabs(c.beta) * largest(c.out);
    grid = std::min(grid, lowest_bit(c.beta) * grid_of(c.out.f32(), c.out.elements()));
  }
  certify("gemm", magnitudes, grid);
  CpuKernels::gemm(c, stream);
}

void RoundingKernels::bias_backward(const View& dbias, const View& dy, Stream& stream) {
  const Index F = dy.shape.last();
  double magnitudes = 0;
  for (Index j = 0; j < F; ++j) {
    double sum = std::fabs(dbias.f32()[j]);
    for (Index t = 0; t < dy.shape.rows(); ++t) sum += std::fabs(dy.f32()[t * F + j]);
    magnitudes = std::max(magnitudes, sum);
  }
  certify("bias_backward", magnitudes,
          std::min(grid_of(dbias.f32(), F), grid_of(dy.f32(), dy.elements())));
  CpuKernels::bias_backward(dbias, dy, stream);
}

void RoundingKernels::gelu(const View& y, const View& x, GeluKind kind, Stream& stream) {
  CpuKernels::gelu(y, x, kind, stream);
  round_results(y);
}

void RoundingKernels::gelu_backward(const View& dx, const View& dy, const View& x, GeluKind kind,
                                    Stream& stream) {
  CpuKernels::gelu_backward(dx, dy, x, kind, stream);
  round_results(dx);
}

void RoundingKernels::silu_gate(const View& y, const View& gate_up, Stream& stream) {
  CpuKernels::silu_gate(y, gate_up, stream);
  round_results(y);
}

void RoundingKernels::silu_gate_backward(const View& dgate_up, const View& dy, const View& gate_up,
                                         Stream& stream) {
  CpuKernels::silu_gate_backward(dgate_up, dy, gate_up, stream);
  round_results(dgate_up);
}

void RoundingKernels::layer_norm(const View& y, const View& stats, const View& x, const View& gamma,
                                 const View& beta, float epsilon, Stream& stream) {
  CpuKernels::layer_norm(y, stats, x, gamma, beta, epsilon, stream);
  round_results(y);
}

void RoundingKernels::layer_norm_backward_input(const View& dx, const View& dy, const View& x,
                                                const View& stats, const View& gamma,
                                                Stream& stream) {
  CpuKernels::layer_norm_backward_input(dx, dy, x, stats, gamma, stream);
  round_results(dx);
}

void RoundingKernels::layer_norm_backward_weight(const View& dgamma, const View& dbeta,
                                                 const View& dy, const View& x, const View& stats,
                                                 Stream& stream) {
  for (Index i = 0; i < x.shape.rows(); ++i) {
    RoundedSum scale(dgamma), shift(dbeta);
    CpuKernels::layer_norm_backward_weight(scale.view(), shift.view(), row_of(dy, i), row_of(x, i),
                                           row_of(stats, i), stream);
    scale.add();
    shift.add();
  }
}

void RoundingKernels::rms_norm(const View& y, const View& stats, const View& x, const View& gamma,
                               float epsilon, Stream& stream) {
  CpuKernels::rms_norm(y, stats, x, gamma, epsilon, stream);
  round_results(y);
}

void RoundingKernels::rms_norm_backward_input(const View& dx, const View& dy, const View& x,
                                              const View& stats, const View& gamma,
                                              Stream& stream) {
  CpuKernels::rms_norm_backward_input(dx, dy, x, stats, gamma, stream);
  round_results(dx);
}

void RoundingKernels::rms_norm_backward_weight(const View& dgamma, const View& dy, const View& x,
                                               const View& stats, Stream& stream) {
  for (Index i = 0; i < x.shape.rows(); ++i) {
    RoundedSum scale(dgamma);
    CpuKernels::rms_norm_backward_weight(scale.view(), row_of(dy, i), row_of(x, i),
                                         row_of(stats, i), stream);
    scale.add();
  }
}

void RoundingKernels::causal_softmax(const View& p, const View& scores, Index first,
                                     Stream& stream) {
  CpuKernels::causal_softmax(p, scores, first, stream);
  round_results(p);
}

void RoundingKernels::causal_softmax_backward(const View& dscores, const View& dp, const View& p,
                                              Stream& stream) {
  CpuKernels::causal_softmax_backward(dscores, dp, p, stream);
  round_results(dscores);
}

void RoundingKernels::rotary(const View& y, const View& x, float theta, bool inverse, Index first,
                             Stream&) {
  const Index S = x.shape[2], C = x.shape[3], half = C / 2;
  for (Index row = 0; row < x.shape.rows(); ++row)
    for (Index i = 0; i < half; ++i) {
      const double angle = static_cast<double>(first + row % S) /
                           std::pow(theta, static_cast<double>(i) / static_cast<double>(half));
      const int quarters = static_cast<int>(std::lround(angle * 2 / std::numbers::pi)) % 4;
      const float *in = x.f32() + row * C, a = in[i], b = in[i + half];
      float* out = y.f32() + row * C;
      switch (inverse ? (4 - quarters) % 4 : quarters) {
        case 0: out[i] = a, out[i + half] = b; break;
        case 1: out[i] = -b, out[i + half] = a; break;
        case 2: out[i] = -a, out[i + half] = -b; break;
        default: out[i] = b, out[i + half] = -a; break;
      }
    }
}

void RoundingKernels::exp_minus(const View& p, const View& x, const View& max, Index columns,
                                Stream& stream) {
  CpuKernels::exp_minus(p, x, max, columns, stream);
  round_results(p);
}

void RoundingKernels::cross_entropy_backward(const View& dlogits, const View& p, const View& sum,
                                             const View& targets, Index first_column, float scale,
                                             Stream& stream) {
  CpuKernels::cross_entropy_backward(dlogits, p, sum, targets, first_column, scale, stream);
  round_results(dlogits);
}

void RoundingKernels::adamw(const AdamWCall& c, Stream& stream) {
  CpuKernels::adamw(c, stream);
  round_all(c.value, 1, 2);
}

Fill exact_fill(std::uint64_t seed) {
  return [seed](const std::string& name, Index index) {
    const double u = random_uniform(seed, stream_of(name), static_cast<std::uint64_t>(index));
    if (name.ends_with(".bias")) return static_cast<float>(static_cast<int>(u * 5) - 2) / 4;
    if (name.ends_with(".scale")) return static_cast<float>(static_cast<int>(u * 3) + 1) / 4;
    const bool table = !name.starts_with("blocks.");
    const bool sharp = name.ends_with(".q.weight") || name.ends_with(".k.weight");
    const double share = table ? 1.0 / 4 : sharp ? 1.0 / 24 : 1.0 / 8;  // not 0
    return u < share / 2 ? -1.0f : u < share ? 1.0f : 0.0f;
  };
}

}  // namespace shardpipe
