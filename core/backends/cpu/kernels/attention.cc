// CpuKernels: causal softmax and rotary positions (Su et al., arXiv:2104.09864). Letters as in
// math_attention.cc.
#include <cmath>
#include <vector>

#include "core/backends/cpu/kernels/cpu_kernels.h"
#include "core/backends/cpu/kernels/vector_math.h"
#include "core/backends/cpu/kernels/widened.h"

namespace shardpipe {
namespace {

// cos and sin of s / theta^(2i/C) for s = first..first+S-1, i = 0..C/2-1. Each position turns the
// one before by one more step: two library calls for each i, not for each (s, i). In f64 the error
// grows to about s * 1e-16. Every position is reached from 0, so that it gets the same bits
// whatever `first` is: a decoded token then equals the same token of a prefill.
struct Angles {
  std::vector<float> cosine, sine;  // [S,C/2]
};

Angles angles(Index first, Index S, Index half, float theta, bool inverse) {
  Angles table;
  table.cosine.resize(static_cast<std::size_t>(S * half));
  table.sine.resize(static_cast<std::size_t>(S * half));
  for (Index i = 0; i < half; ++i) {
    const double step =
        std::pow(static_cast<double>(theta), -static_cast<double>(i) / static_cast<double>(half));
    const double step_cos = std::cos(step), step_sin = inverse ? -std::sin(step) : std::sin(step);
    double c = 1, s = 0;
    for (Index position = 0; position < first + S; ++position) {
      if (position >= first) {
        const auto at = static_cast<std::size_t>((position - first) * half + i);
        table.cosine[at] = static_cast<float>(c);
        table.sine[at] = static_cast<float>(s);
      }
      const double next = c * step_cos - s * step_sin;
      s = c * step_sin + s * step_cos;
      c = next;
    }
  }
  return table;
}

}  // namespace

void CpuKernels::causal_softmax(const View& p, const View& scores, Index first, Stream& stream) {
  if (any_bf16(p, scores))
    return CpuKernels::causal_softmax(Rounded(p), Widened(scores), first, stream);
  if (scores.elements() == 0) return;
  const Index rows = scores.shape[0] * scores.shape[1], S = scores.shape[2];
  for (Index r = 0; r < rows; ++r) {
    const Index visible = first + r % (S - first) + 1;  // R is a multiple of S - first
    const float* x = scores.f32() + r * S;
    float* out = p.f32() + r * S;
    const float max = max_of(x, visible);
    const float sum = sum_terms(visible, [=](Index j) {
      out[j] = vector_exp(x[j] - max);
      return out[j];
    });
    const float inverse = 1.0f / sum;
    for_each_index(visible, [=](Index j) { out[j] *= inverse; });
    for (Index j = visible; j < S; ++j) out[j] = 0.0f;
  }
}

// dscores = p (dp - sum(dp p)); where p is 0, so is dscores.
void CpuKernels::causal_softmax_backward(const View& dscores, const View& dp, const View& p,
                                         Stream& stream) {
  if (any_bf16(dscores, dp, p))
    return CpuKernels::causal_softmax_backward(Rounded(dscores), Widened(dp), Widened(p), stream);
  if (p.elements() == 0) return;
  const Index rows = p.shape[0] * p.shape[1], S = p.shape[2];
  for (Index r = 0; r < rows; ++r) {
    const Index visible = r % S + 1;
    const float *d = dp.f32() + r * S, *prob = p.f32() + r * S;
    float* out = dscores.f32() + r * S;
    const float mean = sum_terms(visible, [=](Index j) { return d[j] * prob[j]; });
    for_each_index(visible, [=](Index j) { out[j] = prob[j] * (d[j] - mean); });
    for (Index j = visible; j < S; ++j) out[j] = 0.0f;
  }
}

void CpuKernels::rotary(const View& y, const View& x, float theta, bool inverse, Index first,
                        Stream& stream) {
  if (any_bf16(y, x))
    return CpuKernels::rotary(Rounded(y), Widened(x), theta, inverse, first, stream);
  if (x.elements() == 0) return;
  const Index S = x.shape[2], C = x.shape[3], half = C / 2;
  const Angles table = angles(first, S, half, theta, inverse);
  for (Index row = 0; row < x.shape.rows(); ++row) {
    const float *c = table.cosine.data() + row % S * half, *s = table.sine.data() + row % S * half;
    const float* in = x.f32() + row * C;
    for_each_index(half, [=, out = y.f32() + row * C](Index i) {
      const float a = in[i], b = in[i + half];
      out[i] = a * c[i] - b * s[i];
      out[i + half] = a * s[i] + b * c[i];
    });
  }
}

}  // namespace shardpipe
