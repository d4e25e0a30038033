// CpuKernels: embedding and cross entropy. A rank holds vocabulary entries first .. first+V-1.
#include <algorithm>
#include <cmath>

#include "core/backends/cpu/kernels/cpu_kernels.h"
#include "core/backends/cpu/kernels/vector_math.h"
#include "core/backends/cpu/kernels/widened.h"

namespace shardpipe {
namespace {

// Where this rank holds `token`, or -1.
Index local_entry(std::int32_t token, Index first, Index entries) {
  const Index entry = token - first;
  return entry >= 0 && entry < entries ? entry : -1;
}

}  // namespace

void CpuKernels::embedding(const View& y, const View& table, const View& tokens, Index first_row,
                           Stream&) {
  const Index row = table.shape[1] * size_of(table.dtype);  // bytes: nothing is computed
  for (Index t = 0; t < tokens.elements(); ++t) {
    const Index entry = local_entry(tokens.i32()[t], first_row, table.shape[0]);
    std::byte* out = y.data + t * row;
    if (entry < 0)
      std::fill_n(out, row, std::byte{0});
    else
      std::copy_n(table.data + entry * row, row, out);
  }
}

void CpuKernels::embedding_backward(const View& dtable, const View& dy, const View& tokens,
                                    Index first_row, Stream& stream) {
  if (any_bf16(dtable, dy))
    return CpuKernels::embedding_backward(Updated(dtable), Widened(dy), tokens, first_row, stream);
  const Index D = dtable.shape[1];
  for (Index t = 0; t < tokens.elements(); ++t) {  // in order: a token may occur twice
    const Index entry = local_entry(tokens.i32()[t], first_row, dtable.shape[0]);
    if (entry < 0) continue;
    for_each_index(
        D, [row = dtable.f32() + entry * D, d = dy.f32() + t * D](Index j) { row[j] += d[j]; });
  }
}

void CpuKernels::row_max(const View& out, const View& x, Index columns, Stream& stream) {
  if (any_bf16(x)) return CpuKernels::row_max(out, Widened(x), columns, stream);
  const Index V = x.shape.last();
  for (Index t = 0; t < out.elements(); ++t) out.f32()[t] = max_of(x.f32() + t * V, columns);
}

void CpuKernels::row_arg_max(const View& out, const View& x, Index columns, Index first_column,
                             Stream& stream) {
  if (any_bf16(x)) return CpuKernels::row_arg_max(out, Widened(x), columns, first_column, stream);
  const Index V = x.shape.last();
  for (Index t = 0; t < out.shape[0]; ++t) {
    const float *row = x.f32() + t * V, max = max_of(row, columns);
    if (std::any_of(row, row + columns, [](float v) { return std::isnan(v); }))
      usage_error(
          text("the logits of row ", t,
               " hold NaN, so no token is the most likely: the weights hold NaN, or numbers "
               "too large to compute with"));
    const float* found = std::find(row, row + columns, max);
    out.f32()[2 * t] = max;
    out.f32()[2 * t + 1] = static_cast<float>(first_column + (found - row));
  }
}

void CpuKernels::pick_largest(const View& tokens, const View& pairs, Stream&) {
  const Index n = pairs.shape[0], T = pairs.shape[1];
  for (Index t = 0; t < T; ++t) {
    const float* best = pairs.f32() + 2 * t;
    for (Index i = 1; i < n && best[1] >= 0; ++i) {
      const float* pair = pairs.f32() + 2 * (i * T + t);
      const bool is_lower = pair[0] == best[0] && pair[1] < best[1];
      if (pair[0] > best[0] || is_lower || pair[1] < 0) best = pair;
    }
    tokens.i32()[t] = static_cast<std::int32_t>(best[1]);
  }
}

void CpuKernels::row_sum(const View& out, const View& x, Index columns, Stream& stream) {
  if (any_bf16(x)) return CpuKernels::row_sum(out, Widened(x), columns, stream);
  const Index V = x.shape.last();
  for (Index t = 0; t < out.elements(); ++t)
    out.f32()[t] = sum_terms(columns, [row = x.f32() + t * V](Index j) { return row[j]; });
}

void CpuKernels::exp_minus(const View& p, const View& x, const View& max, Index columns,
                           Stream& stream) {
  if (any_bf16(p, x)) return CpuKernels::exp_minus(Rounded(p), Widened(x), max, columns, stream);
  const Index V = x.shape.last();
  for (Index t = 0; t < max.elements(); ++t) {
    float* out = p.f32() + t * V;
    for_each_index(columns, [out, row = x.f32() + t * V, top = max.f32()[t]](Index j) {
      out[j] = vector_exp(row[j] - top);
    });
    std::fill(out + columns, out + V, 0.0f);
  }
}

void CpuKernels::pick_target(const View& out, const View& x, const View& targets,
                             Index first_column, Stream& stream) {
  if (any_bf16(x)) return CpuKernels::pick_target(out, Widened(x), targets, first_column, stream);
  const Index V = x.shape.last();
  for (Index t = 0; t < targets.elements(); ++t) {
    const Index entry = local_entry(targets.i32()[t], first_column, V);
    out.f32()[t] = entry < 0 ? 0.0f : x.f32()[t * V + entry];
  }
}

void CpuKernels::cross_entropy(const View& loss, const View& sum, const View& max,
                               const View& target, Stream&) {
  const Index T = sum.elements();
  double total = 0;
  for (Index t = 0; t < T; ++t)
    total += std::log(static_cast<double>(sum.f32()[t])) + max.f32()[t] - target.f32()[t];
  loss.f32()[0] = T == 0 ? 0.0f : static_cast<float>(total / static_cast<double>(T));
}

void CpuKernels::cross_entropy_backward(const View& dlogits, const View& p, const View& sum,
                                        const View& targets, Index first_column, float scale,
                                        Stream& stream) {
  if (any_bf16(dlogits, p))
    return CpuKernels::cross_entropy_backward(Rounded(dlogits), Widened(p), sum, targets,
                                              first_column, scale, stream);
  const Index V = p.shape.last();
  for (Index t = 0; t < sum.elements(); ++t) {
    float* out = dlogits.f32() + t * V;
    const float factor = scale / sum.f32()[t];
    for_each_index(V, [=, row = p.f32() + t * V](Index j) { out[j] = row[j] * factor; });
    const Index entry = local_entry(targets.i32()[t], first_column, V);
    if (entry >= 0) out[entry] -= scale;
  }
}

}  // namespace shardpipe
