// CpuKernels: layer norm (Ba, Kiros, Hinton, arXiv:1607.06450). T rows of D columns; stats [T,2]
// holds mean and 1 / sqrt(var + epsilon). xhat = (x - mean) rstd.
#include <cmath>

#include "core/backends/cpu/kernels/cpu_kernels.h"
#include "core/backends/cpu/kernels/vector_math.h"
#include "core/backends/cpu/kernels/widened.h"

namespace shardpipe {

void CpuKernels::layer_norm(const View& y, const View& stats, const View& x, const View& gamma,
                            const View& beta, float epsilon, Stream& stream) {
  if (any_bf16(y, x, gamma, beta))
    return CpuKernels::layer_norm(Rounded(y), stats, Widened(x), Widened(gamma), Widened(beta),
                                  epsilon, stream);
  const Index T = stats.shape[0], D = x.shape.last();
  const float share = D == 0 ? 0.0f : 1.0f / static_cast<float>(D);
  for (Index t = 0; t < T; ++t) {
    const float* row = x.f32() + t * D;
    const float mean = share * sum_terms(D, [=](Index j) { return row[j]; });
    // In two passes: the difference of sums of squares would cancel.
    const float variance =
        share * sum_terms(D, [=](Index j) { return (row[j] - mean) * (row[j] - mean); });
    const float rstd = 1.0f / std::sqrt(variance + epsilon);
    stats.f32()[2 * t] = mean;
    stats.f32()[2 * t + 1] = rstd;
    for_each_index(D, [=, out = y.f32() + t * D, g = gamma.f32(), b = beta.f32()](Index j) {
      out[j] = (row[j] - mean) * rstd * g[j] + b[j];
    });
  }
}

// dx = rstd (d - mean(d) - xhat mean(d xhat)),  d = dy gamma.
void CpuKernels::layer_norm_backward_input(const View& dx, const View& dy, const View& x,
                                           const View& stats, const View& gamma, Stream& stream) {
  if (any_bf16(dx, dy, x, gamma))
    return CpuKernels::layer_norm_backward_input(Rounded(dx), Widened(dy), Widened(x), stats,
                                                 Widened(gamma), stream);
  const Index T = stats.shape[0], D = x.shape.last();
  const float share = D == 0 ? 0.0f : 1.0f / static_cast<float>(D);
  for (Index t = 0; t < T; ++t) {
    const float *row = x.f32() + t * D, *dout = dy.f32() + t * D, *g = gamma.f32();
    const float mean = stats.f32()[2 * t], rstd = stats.f32()[2 * t + 1];
    const float mean_d = share * sum_terms(D, [=](Index j) { return dout[j] * g[j]; });
    const float mean_d_xhat =
        share * sum_terms(D, [=](Index j) { return dout[j] * g[j] * ((row[j] - mean) * rstd); });
    for_each_index(D, [=, out = dx.f32() + t * D](Index j) {
      const float xhat = (row[j] - mean) * rstd;
      out[j] = rstd * (dout[j] * g[j] - mean_d - xhat * mean_d_xhat);
    });
  }
}

void CpuKernels::layer_norm_backward_weight(const View& dgamma, const View& dbeta, const View& dy,
                                            const View& x, const View& stats, Stream& stream) {
  if (any_bf16(dgamma, dbeta, dy, x))
    return CpuKernels::layer_norm_backward_weight(Updated(dgamma), Updated(dbeta), Widened(dy),
                                                  Widened(x), stats, stream);
  const Index T = stats.shape[0], D = x.shape.last();
  const float *d = dy.f32(), *in = x.f32(), *s = stats.f32();
  add_rows(dgamma.f32(), T, D, [=](Index t, Index j) {
    return d[t * D + j] * ((in[t * D + j] - s[2 * t]) * s[2 * t + 1]);
  });
  add_rows(dbeta.f32(), T, D, [=](Index t, Index j) { return d[t * D + j]; });
}

}  // namespace shardpipe
