// CpuKernels: AdamW (arXiv:1711.05101, algorithm 2), SGD, and clipping by norm.
#include <cmath>

#include "core/backends/cpu/kernels/cpu_kernels.h"
#include "core/backends/cpu/kernels/vector_math.h"

namespace shardpipe {

void CpuKernels::adamw(const View& value, const View& grad, const View& m, const View& v,
                       const AdamWOptions& o, Stream&) {
  require_f32("adamw", value);
  const auto correction = [&o](float beta) {
    return static_cast<float>(1.0 / (1.0 - std::pow(static_cast<double>(beta), o.step)));
  };
  const float m_correction = correction(o.beta1), v_correction = correction(o.beta2);
  float *w = value.f32(), *mv = m.f32(), *vv = v.f32();
  for_each_index(value.elements(), [=, g = grad.f32()](Index i) {
    mv[i] = o.beta1 * mv[i] + (1.0f - o.beta1) * g[i];
    vv[i] = o.beta2 * vv[i] + (1.0f - o.beta2) * (g[i] * g[i]);
    const float step = m_correction * mv[i] / (std::sqrt(v_correction * vv[i]) + o.epsilon);
    w[i] -= o.learning_rate * (step + o.weight_decay * w[i]);
  });
}

void CpuKernels::sgd(const View& value, const View& grad, float learning_rate, Stream&) {
  require_f32("sgd", value);
  for_each_index(value.elements(), [w = value.f32(), g = grad.f32(), learning_rate](Index i) {
    w[i] -= learning_rate * g[i];
  });
}

void CpuKernels::add_squares(const View& sum, const View& x, Stream&) {
  require_f32("add_squares", x);
  double squares = 0;  // millions of terms: f32 would lose the small ones
  for (Index i = 0; i < x.elements(); ++i)
    squares += static_cast<double>(x.f32()[i]) * static_cast<double>(x.f32()[i]);
  sum.f32()[0] += static_cast<float>(squares);
}

void CpuKernels::clip(const View& x, const View& sum, float max_norm, Stream&) {
  require_f32("clip", x);
  const float norm = std::sqrt(sum.f32()[0]);
  if (!(norm > max_norm)) return;
  for_each_index(x.elements(),
                 [v = x.f32(), factor = max_norm / norm](Index i) { v[i] *= factor; });
}

}  // namespace shardpipe
