#include "core/backends/cpu/kernels/blas.h"
#include "core/backends/cpu/kernels/cpu_kernels.h"
#include "core/backends/cpu/kernels/widened.h"

namespace shardpipe {

void CpuKernels::gemm(const GemmCall& c, Stream& stream) {
  if (any_bf16(c.out, c.a)) {
    const Widened a(c.a), b(c.b);
    const Updated out(c.out);
    GemmCall widened = c;
    widened.a = a;
    widened.b = b;
    widened.out = out;
    return CpuKernels::gemm(widened, stream);
  }
  for (Index i = 0; i < c.batch; ++i)
    multiply({.c = c.out.f32() + i * c.m * c.n,
              .a = c.a.f32() + i * c.m * c.k,
              .b = c.b.f32() + i * c.stride_b,
              .op_a = c.op_a,
              .op_b = c.op_b,
              .m = c.m,
              .n = c.n,
              .k = c.k,
              .alpha = c.alpha,
              .beta = c.beta});
}

}  // namespace shardpipe
