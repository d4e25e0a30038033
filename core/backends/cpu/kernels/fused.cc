// CpuKernels: several operations in one pass over memory. The same kernels one after the other, but
// on blocks of rows that stay in the cache in between: the same bits. A matrix product is not cut:
// it would read its second factor once a block.
#include <algorithm>

#include "core/backends/cpu/kernels/cpu_kernels.h"

namespace shardpipe {
namespace {

// Elements of one tensor in a block: several such blocks fit in a second-level cache. Of 2^12 to
// 2^15 the largest was not slower in any case (build/bench_kernels).
constexpr Index kBlock = 1 << 15;

template <class Body>
void for_blocks_of_rows(Index rows, Index columns, Index block, Body body) {
  const Index count = std::max<Index>(1, block / std::max<Index>(1, columns));
  for (Index first = 0; first < rows; first += count) body(first, std::min(count, rows - first));
}

}  // namespace

void CpuKernels::gemm_bias_gelu(const View& y, const GemmCall& c, const View& bias, GeluKind kind,
                                Stream& stream) {
  gemm(c, stream);
  for_blocks_of_rows(c.m, c.n, kBlock, [&](Index first, Index count) {
    const View pre = c.out.rows(first, count);
    if (!bias.is_none()) add_bias(pre, bias, stream);
    gelu(y.rows(first, count), pre, kind, stream);
  });
}

void CpuKernels::add_parts(const View& h, const View& parts, const View& bias, const View& x,
                           Stream& stream) {
  for_blocks_of_rows(parts.shape[1], h.shape.last(), kBlock, [&](Index first, Index count) {
    add_rows_of_parts(h, parts, bias, x, first, count, stream);
  });
}

void CpuKernels::add_norm(const AddNormCall& c, Stream& stream) {
  for_blocks_of_rows(c.parts.shape[1], c.h.shape.last(), kBlock,
                     [&](Index first, Index count) { add_norm_rows(c, first, count, stream); });
}

void CpuKernels::add_norm_backward_input(const AddNormBackwardCall& c, Stream& stream) {
  for_blocks_of_rows(c.stats.shape[0], c.h.shape.last(), kBlock, [&](Index first, Index count) {
    const auto rows = [&](const View& x) { return x.rows(first, count); };
    Kernels::add_norm_backward_input({.dh = rows(c.dh),
                                      .dy = rows(c.dy),
                                      .dsum = rows(c.dsum),
                                      .h = rows(c.h),
                                      .stats = rows(c.stats),
                                      .gamma = c.gamma,
                                      .is_rms = c.is_rms},
                                     stream);
  });
}

}  // namespace shardpipe
