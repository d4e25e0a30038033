// CpuKernels: GELU (Hendrycks and Gimpel, arXiv:1606.08415) and the SiLU gate (Shazeer,
// arXiv:2002.05202).
#include "core/backends/cpu/kernels/cpu_kernels.h"
#include "core/backends/cpu/kernels/vector_math.h"
#include "core/backends/cpu/kernels/widened.h"

namespace shardpipe {
namespace {

// 0.5 (1 + tanh(u)) = sigmoid(2u) with 2u = kOuter (x + kInner x^3), so tanh is not needed.
constexpr float kOuter = 1.5957691216f;  // 2 sqrt(2 / pi)
constexpr float kInner = 0.044715f;

float gelu_tanh(float x) { return x * vector_sigmoid(kOuter * (x + kInner * x * x * x)).value; }

float gelu_tanh_derivative(float x) {
  const Sigmoid s = vector_sigmoid(kOuter * (x + kInner * x * x * x));
  const float inner = kOuter * (1.0f + 3.0f * kInner * x * x);
  return s.value + x * (s.value * s.complement) * inner;
}

float gelu_erf_derivative(float x) {
  const Normal normal = vector_normal(x);
  return normal.cumulative + x * normal.density;
}

}  // namespace

void CpuKernels::gelu(const View& y, const View& x, GeluKind kind, Stream& stream) {
  if (any_bf16(y, x)) return CpuKernels::gelu(Rounded(y), Widened(x), kind, stream);
  if (kind == GeluKind::tanh)
    for_each_index(x.elements(),
                   [to = y.f32(), from = x.f32()](Index i) { to[i] = gelu_tanh(from[i]); });
  else
    for_each_index(x.elements(), [to = y.f32(), from = x.f32()](Index i) {
      to[i] = from[i] * vector_normal(from[i]).cumulative;
    });
}

void CpuKernels::gelu_backward(const View& dx, const View& dy, const View& x, GeluKind kind,
                               Stream& stream) {
  if (any_bf16(dx, dy, x))
    return CpuKernels::gelu_backward(Rounded(dx), Widened(dy), Widened(x), kind, stream);
  if (kind == GeluKind::tanh)
    for_each_index(x.elements(), [to = dx.f32(), d = dy.f32(), from = x.f32()](Index i) {
      to[i] = d[i] * gelu_tanh_derivative(from[i]);
    });
  else
    for_each_index(x.elements(), [to = dx.f32(), d = dy.f32(), from = x.f32()](Index i) {
      to[i] = d[i] * gelu_erf_derivative(from[i]);
    });
}

void CpuKernels::silu_gate(const View& y, const View& gate_up, Stream& stream) {
  if (any_bf16(y, gate_up)) return CpuKernels::silu_gate(Rounded(y), Widened(gate_up), stream);
  const Index F = y.shape.last();
  for (Index t = 0; t < y.shape.rows(); ++t) {
    const float *gate = gate_up.f32() + t * 2 * F, *up = gate + F;
    for_each_index(F, [to = y.f32() + t * F, gate, up](Index j) {
      to[j] = gate[j] * vector_sigmoid(gate[j]).value * up[j];
    });
  }
}

void CpuKernels::silu_gate_backward(const View& dgate_up, const View& dy, const View& gate_up,
                                    Stream& stream) {
  if (any_bf16(dgate_up, dy, gate_up))
    return CpuKernels::silu_gate_backward(Rounded(dgate_up), Widened(dy), Widened(gate_up), stream);
  const Index F = dy.shape.last();
  for (Index t = 0; t < dy.shape.rows(); ++t) {
    const float *gate = gate_up.f32() + t * 2 * F, *up = gate + F, *d = dy.f32() + t * F;
    float *dgate = dgate_up.f32() + t * 2 * F, *dup = dgate + F;
    for_each_index(F, [=](Index j) {
      const Sigmoid s = vector_sigmoid(gate[j]);
      dgate[j] = d[j] * up[j] * (s.value * (1.0f + gate[j] * s.complement));
      dup[j] = d[j] * (gate[j] * s.value);
    });
  }
}

}  // namespace shardpipe
