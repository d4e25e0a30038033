// CpuKernels: AdamW (arXiv:1711.05101, algorithm 2), SGD, and clipping by norm.
#include <cmath>

#include "core/backends/cpu/kernels/cpu_kernels.h"
#include "core/backends/cpu/kernels/vector_math.h"
#include "core/backends/cpu/kernels/widened.h"

namespace shardpipe {

void CpuKernels::adamw(const AdamWCall& c, Stream& stream) {
  if (!c.master.is_none()) {
    AdamWCall on_master = c;
    on_master.value = c.master;
    on_master.master = {};
    CpuKernels::adamw(on_master, stream);
    return CpuKernels::copy(c.value, c.master, stream);  // rounded
  }
  if (any_bf16(c.value, c.grad)) {
    const Updated value(c.value);
    const Widened grad(c.grad);
    AdamWCall widened = c;
    widened.value = value;
    widened.grad = grad;
    return CpuKernels::adamw(widened, stream);
  }
  const AdamWOptions& o = c.options;
  const auto correction = [&o](float beta) {
    return static_cast<float>(1.0 / (1.0 - std::pow(static_cast<double>(beta), o.step)));
  };
  const float m_correction = correction(o.beta1), v_correction = correction(o.beta2);
  float *w = c.value.f32(), *mv = c.m.f32(), *vv = c.v.f32();
  for_each_index(c.value.elements(), [=, g = c.grad.f32()](Index i) {
    mv[i] = o.beta1 * mv[i] + (1.0f - o.beta1) * g[i];
    vv[i] = o.beta2 * vv[i] + (1.0f - o.beta2) * (g[i] * g[i]);
    const float step = m_correction * mv[i] / (std::sqrt(v_correction * vv[i]) + o.epsilon);
    w[i] -= o.learning_rate * (step + o.weight_decay * w[i]);
  });
}

void CpuKernels::sgd(const View& value, const View& grad, float learning_rate, Stream& stream) {
  if (any_bf16(value, grad))
    return CpuKernels::sgd(Updated(value), Widened(grad), learning_rate, stream);
  for_each_index(value.elements(), [w = value.f32(), g = grad.f32(), learning_rate](Index i) {
    w[i] -= learning_rate * g[i];
  });
}

void CpuKernels::add_squares(const View& sum, const View& x, Stream& stream) {
  if (any_bf16(x)) return CpuKernels::add_squares(sum, Widened(x), stream);
  double squares = 0;  // millions of terms: f32 would lose the small ones
  for (Index i = 0; i < x.elements(); ++i)
    squares += static_cast<double>(x.f32()[i]) * static_cast<double>(x.f32()[i]);
  sum.f32()[0] += static_cast<float>(squares);
}

void CpuKernels::clip(const View& x, const View& sum, float max_norm, Stream& stream) {
  if (any_bf16(x)) return CpuKernels::clip(Updated(x), sum, max_norm, stream);
  const float factor = max_norm / (std::sqrt(sum.f32()[0]) + kClipEpsilon);
  if (factor >= 1) return;  // not so where it is NaN: then all become NaN
  for_each_index(x.elements(), [v = x.f32(), factor](Index i) { v[i] *= factor; });
}

}  // namespace shardpipe
