// CpuKernels: RMS norm (Zhang and Sennrich, arXiv:1910.07467). T rows of D columns; stats [T,1]
// holds rstd = 1 / sqrt(mean(x^2) + epsilon). xhat = x rstd.
#include <cmath>

#include "core/backends/cpu/kernels/cpu_kernels.h"
#include "core/backends/cpu/kernels/vector_math.h"
#include "core/backends/cpu/kernels/widened.h"

namespace shardpipe {

void CpuKernels::rms_norm(const View& y, const View& stats, const View& x, const View& gamma,
                          float epsilon, Stream& stream) {
  if (any_bf16(y, x, gamma))
    return CpuKernels::rms_norm(Rounded(y), stats, Widened(x), Widened(gamma), epsilon, stream);
  const Index T = stats.shape[0], D = x.shape.last();
  const float share = D == 0 ? 0.0f : 1.0f / static_cast<float>(D);
  for (Index t = 0; t < T; ++t) {
    const float* row = x.f32() + t * D;
    const float square = share * sum_terms(D, [=](Index j) { return row[j] * row[j]; });
    const float rstd = 1.0f / std::sqrt(square + epsilon);
    stats.f32()[t] = rstd;
    for_each_index(
        D, [=, out = y.f32() + t * D, g = gamma.f32()](Index j) { out[j] = row[j] * rstd * g[j]; });
  }
}

// dx = rstd (d - xhat mean(d xhat)),  d = dy gamma.
void CpuKernels::rms_norm_backward_input(const View& dx, const View& dy, const View& x,
                                         const View& stats, const View& gamma, Stream& stream) {
  if (any_bf16(dx, dy, x, gamma))
    return CpuKernels::rms_norm_backward_input(Rounded(dx), Widened(dy), Widened(x), stats,
                                               Widened(gamma), stream);
  const Index T = stats.shape[0], D = x.shape.last();
  const float share = D == 0 ? 0.0f : 1.0f / static_cast<float>(D);
  for (Index t = 0; t < T; ++t) {
    const float *row = x.f32() + t * D, *dout = dy.f32() + t * D, *g = gamma.f32();
    const float rstd = stats.f32()[t];
    const float mean_d_xhat =
        share * sum_terms(D, [=](Index j) { return dout[j] * g[j] * (row[j] * rstd); });
    for_each_index(D, [=, out = dx.f32() + t * D](Index j) {
      out[j] = rstd * (dout[j] * g[j] - row[j] * rstd * mean_d_xhat);
    });
  }
}

void CpuKernels::rms_norm_backward_weight(const View& dgamma, const View& dy, const View& x,
                                          const View& stats, Stream& stream) {
  if (any_bf16(dgamma, dy, x))
    return CpuKernels::rms_norm_backward_weight(Updated(dgamma), Widened(dy), Widened(x), stats,
                                                stream);
  const Index T = stats.shape[0], D = x.shape.last();
  const float *d = dy.f32(), *in = x.f32(), *s = stats.f32();
  add_rows(dgamma.f32(), T, D,
           [=](Index t, Index j) { return d[t * D + j] * (in[t * D + j] * s[t]); });
}

}  // namespace shardpipe
