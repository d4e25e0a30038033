// CpuKernels: sums and biases. Memory sets their speed.
#include "core/backends/cpu/kernels/cpu_kernels.h"
#include "core/backends/cpu/kernels/vector_math.h"

namespace shardpipe {

void CpuKernels::add(const View& out, const View& a, const View& b, Stream&) {
  require_f32("add", out);
  for_each_index(out.elements(),
                 [to = out.f32(), x = a.f32(), y = b.f32()](Index i) { to[i] = x[i] + y[i]; });
}

void CpuKernels::scale(const View& out, const View& in, float factor, Stream&) {
  require_f32("scale", out);
  for_each_index(out.elements(),
                 [to = out.f32(), from = in.f32(), factor](Index i) { to[i] = factor * from[i]; });
}

void CpuKernels::add_bias(const View& y, const View& bias, Stream&) {
  require_f32("add_bias", y);
  const Index F = y.shape.last();
  for (Index t = 0; t < y.shape.rows(); ++t)
    for_each_index(F, [row = y.f32() + t * F, b = bias.f32()](Index j) { row[j] += b[j]; });
}

void CpuKernels::bias_backward(const View& dbias, const View& dy, Stream&) {
  require_f32("bias_backward", dy);
  const Index F = dy.shape.last();
  add_rows(dbias.f32(), dy.shape.rows(), F,
           [d = dy.f32(), F](Index t, Index j) { return d[t * F + j]; });
}

}  // namespace shardpipe
