#include "core/tensor/kernels.h"

namespace shardpipe {

void Kernels::gemm_bias_gelu(const View& y, const GemmCall& c, const View& bias, GeluKind kind,
                             Stream& stream) {
  gemm(c, stream);
  if (!bias.is_none()) add_bias(c.out, bias, stream);
  gelu(y, c.out, kind, stream);
}

// In the order of an all-reduce, a bias and a residual addition: the same bits.
void Kernels::add_rows_of_parts(const View& h, const View& parts, const View& bias, const View& x,
                                Index first, Index count, Stream& stream) {
  const Index n = parts.shape[0], T = parts.shape[1];
  const View sum = h.rows(first, count);
  const auto part = [&](Index i) { return parts.rows(i * T + first, count); };
  if (n == 1)
    copy(sum, part(0), stream);
  else
    add(sum, part(0), part(1), stream);
  for (Index i = 2; i < n; ++i) add(sum, sum, part(i), stream);
  if (!bias.is_none()) add_bias(sum, bias, stream);
  add(sum, sum, x.rows(first, count), stream);
}

void Kernels::add_parts(const View& h, const View& parts, const View& bias, const View& x,
                        Stream& stream) {
  add_rows_of_parts(h, parts, bias, x, 0, parts.shape[1], stream);
}

void Kernels::add_norm_rows(const AddNormCall& c, Index first, Index count, Stream& stream) {
  add_rows_of_parts(c.h, c.parts, c.bias, c.x, first, count, stream);
  const View h = c.h.rows(first, count), y = c.y.rows(first, count);
  const View stats = c.stats.rows(first, count);
  if (c.is_rms())
    rms_norm(y, stats, h, c.gamma, c.epsilon, stream);
  else
    layer_norm(y, stats, h, c.gamma, c.beta, c.epsilon, stream);
}

void Kernels::add_norm(const AddNormCall& c, Stream& stream) {
  add_norm_rows(c, 0, c.parts.shape[1], stream);
}

void Kernels::add_norm_backward_input(const AddNormBackwardCall& c, Stream& stream) {
  if (c.is_rms)
    rms_norm_backward_input(c.dh, c.dy, c.h, c.stats, c.gamma, stream);
  else
    layer_norm_backward_input(c.dh, c.dy, c.h, c.stats, c.gamma, stream);
  add(c.dh, c.dh, c.dsum, stream);
}

}  // namespace shardpipe
