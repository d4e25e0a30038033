// What one thread computes, for operations whose elements do not depend on each other. A functor
// gets the number of its element (or column, where it says so). The same functors run on the host
// in tests/backends/cuda. Letters as in core/tensor/math.h.
#pragma once

#include <cmath>

#include "core/backends/cuda/array.cuh"
#include "core/tensor/kernels.h"

namespace shardpipe::cuda {

struct FillElement {
  Array out;
  float value;
  __host__ __device__ void operator()(Index i) const { out.store(i, value); }
};

struct FillInteger {
  std::int32_t* out;
  std::int32_t value;
  __host__ __device__ void operator()(Index i) const { out[i] = value; }
};

struct ScaleElement {  // factor 1: a copy that converts
  Array out, in;
  float factor;
  __host__ __device__ void operator()(Index i) const { out.store(i, in.load(i) * factor); }
};

struct AddElements {
  Array out, a, b;
  __host__ __device__ void operator()(Index i) const { out.store(i, a.load(i) + b.load(i)); }
};

struct ReduceElements {
  Array out, a, b;
  ReduceOp op;
  __host__ __device__ void operator()(Index i) const {
    const float x = a.load(i), y = b.load(i);
    out.store(i, op == ReduceOp::sum ? x + y : x < y ? y : x);
  }
};

struct ReduceIntegers {
  std::int32_t *out, *a, *b;
  ReduceOp op;
  __host__ __device__ void operator()(Index i) const {
    const std::int64_t x = a[i], y = b[i];
    out[i] = static_cast<std::int32_t>(op == ReduceOp::sum ? x + y : x < y ? y : x);
  }
};

struct AddBias {  // y[T,F] += bias[F]
  Array y, bias;
  Index F;
  __host__ __device__ void operator()(Index i) const { y.accumulate(i, bias.load(i % F)); }
};

// One thread a column. Neighbouring threads read neighbouring addresses; with few columns most of
// the GPU is idle, which splitting the rows would cure at the price of a second pass.
struct BiasBackwardColumn {  // dbias[F] += sum_T dy[T,F]
  Array dbias, dy;
  Index T, F;
  __host__ __device__ void operator()(Index f) const {
    float sum = 0;
    for (Index t = 0; t < T; ++t) sum += dy.load(t * F + f);
    dbias.accumulate(f, sum);
  }
};

// tanh: Hendrycks and Gimpel, arXiv:1606.08415, the form of GPT-2. erf: x times the normal cdf.
inline constexpr float kGeluTanhScale = 0.7978845608f;  // sqrt(2 / pi)
inline constexpr float kGeluTanhCubic = 0.044715f;
inline constexpr float kInverseSqrt2 = 0.7071067812f;
inline constexpr float kInverseSqrt2Pi = 0.3989422804f;

__host__ __device__ inline float gelu_value(float x, GeluKind kind) {
  if (kind == GeluKind::erf) return 0.5f * x * (1 + erff(x * kInverseSqrt2));
  return 0.5f * x * (1 + tanhf(kGeluTanhScale * (x + kGeluTanhCubic * x * x * x)));
}

__host__ __device__ inline float gelu_slope(float x, GeluKind kind) {
  if (kind == GeluKind::erf)
    return 0.5f * (1 + erff(x * kInverseSqrt2)) + x * kInverseSqrt2Pi * expf(-0.5f * x * x);
  const float t = tanhf(kGeluTanhScale * (x + kGeluTanhCubic * x * x * x));
  const float inner = kGeluTanhScale * (1 + 3 * kGeluTanhCubic * x * x);
  return 0.5f * (1 + t) + 0.5f * x * (1 - t * t) * inner;
}

struct Gelu {
  Array y, x;
  GeluKind kind;
  __host__ __device__ void operator()(Index i) const { y.store(i, gelu_value(x.load(i), kind)); }
};

struct GeluBackward {
  Array dx, dy, x;
  GeluKind kind;
  __host__ __device__ void operator()(Index i) const {
    dx.store(i, dy.load(i) * gelu_slope(x.load(i), kind));
  }
};

struct SiluGate {  // y[T,F] = silu(gate) up, gate_up [T,2F]
  Array y, gate_up;
  Index F;
  __host__ __device__ void operator()(Index i) const {
    const Index gate = i / F * 2 * F + i % F;
    const float g = gate_up.load(gate), up = gate_up.load(gate + F);
    y.store(i, g / (1 + expf(-g)) * up);
  }
};

struct SiluGateBackward {
  Array dgate_up, dy, gate_up;
  Index F;
  __host__ __device__ void operator()(Index i) const {
    const Index gate = i / F * 2 * F + i % F;
    const float g = gate_up.load(gate), up = gate_up.load(gate + F), d = dy.load(i);
    const float s = 1 / (1 + expf(-g));
    dgate_up.store(gate, d * up * s * (1 + g * (1 - s)));
    dgate_up.store(gate + F, d * g * s);
  }
};

// ---- attention

struct RotaryPair {  // i counts pairs: x [B,H,S,C] has C/2 a position
  Array y, x;
  Index S, C, first;  // first: the position of row 0
  float theta;
  bool inverse;
  __host__ __device__ void operator()(Index i) const {
    const Index half = C / 2, k = i % half, row = i / half;
    const float power = -2 * static_cast<float>(k) / static_cast<float>(C);
    const float angle = static_cast<float>(first + row % S) * powf(theta, power);
    const float c = cosf(angle), s = inverse ? -sinf(angle) : sinf(angle);
    const Index a = row * C + k, b = a + half;
    const float xa = x.load(a), xb = x.load(b);
    y.store(a, xa * c - xb * s);
    y.store(b, xa * s + xb * c);
  }
};

// Moves elements of any type of Raw's size. i counts elements of heads [B,H,S,C].
template <class Raw>
struct MoveHeads {
  Raw *heads, *x;  // x [B*S,W]
  Index H, S, C, W, first_column;
  bool split;
  __host__ __device__ void operator()(Index i) const {
    const Index c = i % C, s = i / C % S, h = i / (C * S) % H, b = i / (C * S * H);
    Raw& there = x[(b * S + s) * W + first_column + h * C + c];
    if (split)
      heads[i] = there;
    else
      there = heads[i];
  }
};

// ---- vocabulary

struct Embedding {  // y[T,D] = table[token - first_row], or 0 if this rank does not have the row
  Array y, table;
  const std::int32_t* tokens;
  Index D, rows, first_row;
  __host__ __device__ void operator()(Index i) const {
    const Index row = tokens[i / D] - first_row;
    y.store(i, row >= 0 && row < rows ? table.load(row * D + i % D) : 0);
  }
};

// One thread a column, over the tokens in order: a token that occurs twice needs no atomics, and
// sums come out the same every time.
struct EmbeddingBackwardColumn {
  Array dtable, dy;
  const std::int32_t* tokens;
  Index T, D, rows, first_row;
  __host__ __device__ void operator()(Index d) const {
    for (Index t = 0; t < T; ++t) {
      const Index row = tokens[t] - first_row;
      if (row >= 0 && row < rows) dtable.accumulate(row * D + d, dy.load(t * D + d));
    }
  }
};

// tokens [T] from pairs [n,T,2] of (value, token); the lowest token wins ties, -1 everything.
struct PickLargest {
  std::int32_t* tokens;
  Array pairs;
  Index n, T;
  __host__ __device__ void operator()(Index t) const {
    float best = pairs.load(2 * t), token = pairs.load(2 * t + 1);
    for (Index i = 1; i < n && token >= 0; ++i) {
      const float value = pairs.load(2 * (i * T + t)), its = pairs.load(2 * (i * T + t) + 1);
      if (its >= 0 && (value < best || (value == best && its >= token))) continue;
      best = value;
      token = its;
    }
    tokens[t] = static_cast<std::int32_t>(token);
  }
};

struct ExpMinus {  // p[T,V] = exp(x - max[T]), 0 from column `columns` on
  Array p, x, max;
  Index V, columns;
  __host__ __device__ void operator()(Index i) const {
    p.store(i, i % V < columns ? expf(x.load(i) - max.load(i / V)) : 0);
  }
};

struct PickTarget {  // i counts rows
  Array out, x;
  const std::int32_t* targets;
  Index V, first_column;
  __host__ __device__ void operator()(Index t) const {
    const Index column = targets[t] - first_column;
    out.store(t, column >= 0 && column < V ? x.load(t * V + column) : 0);
  }
};

struct CrossEntropyBackward {
  Array dlogits, p, sum;
  const std::int32_t* targets;
  Index V, first_column;
  float scale;
  __host__ __device__ void operator()(Index i) const {
    const Index t = i / V;
    const float is_target = targets[t] - first_column == i % V ? 1 : 0;
    dlogits.store(i, scale * (p.load(i) / sum.load(t) - is_target));
  }
};

// ---- optimizers

struct AdamW {  // Loshchilov and Hutter, arXiv:1711.05101, algorithm 2
  Array value;
  float* master;  // or nullptr: the value is all there is
  Array grad;
  float *m, *v;
  AdamWOptions o;
  float m_correction, v_correction;  // 1 / (1 - beta^step)
  __host__ __device__ void operator()(Index i) const {
    const float g = grad.load(i), old = master != nullptr ? master[i] : value.load(i);
    m[i] = o.beta1 * m[i] + (1 - o.beta1) * g;
    v[i] = o.beta2 * v[i] + (1 - o.beta2) * g * g;
    const float step = m[i] * m_correction / (sqrtf(v[i] * v_correction) + o.epsilon);
    const float next = old - o.learning_rate * (step + o.weight_decay * old);
    if (master != nullptr) master[i] = next;
    value.store(i, next);
  }
};

struct Sgd {
  Array value, grad;
  float learning_rate;
  __host__ __device__ void operator()(Index i) const {
    value.store(i, value.load(i) - learning_rate * grad.load(i));
  }
};

}  // namespace shardpipe::cuda
