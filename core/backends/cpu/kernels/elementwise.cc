// CpuKernels: sums and biases. Memory sets their speed.
#include "core/backends/cpu/kernels/cpu_kernels.h"
#include "core/backends/cpu/kernels/vector_math.h"
#include "core/backends/cpu/kernels/widened.h"
#include "core/tensor/bf16.h"

namespace shardpipe {
namespace {

template <class Function>
void reduce_as(const View& out, const View& a, const View& b, Function f) {
  const Index n = out.elements();
  if (out.dtype == DType::f32)
    for_each_index(
        n, [=, to = out.f32(), x = a.f32(), y = b.f32()](Index i) { to[i] = f(x[i], y[i]); });
  else if (out.dtype == DType::bf16)
    for_each_index(n, [=, to = out.bf16(), x = a.bf16(), y = b.bf16()](Index i) {
      to[i] = to_bf16(f(from_bf16(x[i]), from_bf16(y[i])));
    });
  else  // in 64 bits: what does not fit wraps around
    for_each_index(n, [=, to = out.i32(), x = a.i32(), y = b.i32()](Index i) {
      to[i] = static_cast<std::int32_t>(f(std::int64_t{x[i]}, std::int64_t{y[i]}));
    });
}

}  // namespace

void CpuKernels::add(const View& out, const View& a, const View& b, Stream& stream) {
  if (any_bf16(out, a, b)) return CpuKernels::add(Rounded(out), Widened(a), Widened(b), stream);
  for_each_index(out.elements(),
                 [to = out.f32(), x = a.f32(), y = b.f32()](Index i) { to[i] = x[i] + y[i]; });
}

void CpuKernels::reduce_local(const View& out, const View& a, const View& b, ReduceOp op, Stream&) {
  if (op == ReduceOp::sum)
    reduce_as(out, a, b, [](auto x, auto y) { return x + y; });
  else
    reduce_as(out, a, b, [](auto x, auto y) { return x < y ? y : x; });
}

void CpuKernels::scale(const View& out, const View& in, float factor, Stream& stream) {
  if (any_bf16(out, in)) return CpuKernels::scale(Rounded(out), Widened(in), factor, stream);
  for_each_index(out.elements(),
                 [to = out.f32(), from = in.f32(), factor](Index i) { to[i] = factor * from[i]; });
}

void CpuKernels::add_bias(const View& y, const View& bias, Stream& stream) {
  if (any_bf16(y, bias)) return CpuKernels::add_bias(Updated(y), Widened(bias), stream);
  const Index F = y.shape.last();
  for (Index t = 0; t < y.shape.rows(); ++t)
    for_each_index(F, [row = y.f32() + t * F, b = bias.f32()](Index j) { row[j] += b[j]; });
}

void CpuKernels::bias_backward(const View& dbias, const View& dy, Stream& stream) {
  if (any_bf16(dbias, dy)) return CpuKernels::bias_backward(Updated(dbias), Widened(dy), stream);
  const Index F = dy.shape.last();
  add_rows(dbias.f32(), dy.shape.rows(), F,
           [d = dy.f32(), F](Index t, Index j) { return d[t * F + j]; });
}

}  // namespace shardpipe
