// CpuKernels: AdamW (arXiv:1711.05101, algorithm 2) and SGD.
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

}  // namespace shardpipe
