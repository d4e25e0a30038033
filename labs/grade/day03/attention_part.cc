#include "labs/grade/day03/attention_part.h"

namespace shardpipe {
namespace {

constexpr Index D = kAttentionFeatures, C = kAttentionHeadSize, S = kAttentionPositions;

// A stretch of columns, all rows.
Table columns(const Table& x, Index first, Index count) {
  Table out(x.rows, count);
  for (Index i = 0; i < x.rows; ++i)
    for (Index j = 0; j < count; ++j) out(i, j) = x(i, first + j);
  return out;
}

Table beside(const Table& a, const Table& b) {
  Table out(a.rows, a.columns + b.columns);
  for (Index i = 0; i < a.rows; ++i)
    for (Index j = 0; j < out.columns; ++j)
      out(i, j) = j < a.columns ? a(i, j) : b(i, j - a.columns);
  return out;
}

}  // namespace

Table turned_heads(const Table& x, Index first, Index count) {
  Table out(kAttentionSequences * count * S, C);
  for (Index i = 0; i < out.rows; ++i)
    for (Index c = 0; c < C; ++c)
      out(i, c) = x(i / (count * S) * S + i % S, (first + i / S % count) * C + c);
  return out;
}

Table rows_of_heads(const Table& p, const AttentionSizes& sizes, int rank) {
  const Index H = sizes.heads, h = sizes.share().heads;
  Table out(kAttentionSequences * h * S, S);
  for (Index i = 0; i < out.rows; ++i)
    for (Index j = 0; j < S; ++j)
      out(i, j) = p((i / (h * S) * H + sizes.first_head(rank)) * S + i % (h * S), j);
  return out;
}

Table own_dqkv(const AttentionResults& of, const AttentionSizes& sizes, int rank) {
  const HeadShare share = sizes.share();
  const auto own = [&](const Table& x) {
    return columns(x, sizes.first_head(rank) * C, share.heads * C);
  };
  const auto of_kv = [&](const Table& x) { return by_kv_head(own(x), share.kv_heads); };
  return beside(own(of.dq), beside(of_kv(of.dk), of_kv(of.dv)));
}

AttentionPart part_of(const AttentionTables& whole, const AttentionSizes& sizes, int rank) {
  const HeadShare share = sizes.share();
  const Index first = sizes.first_head(rank) * C, count = share.heads * C;
  const Index kv_first = sizes.first_kv_head(rank) * C, kv_count = share.kv_heads * C;
  const auto fused = [&](const Table& q, const Table& k, const Table& v) {
    return beside(columns(q, first, count),
                  beside(columns(k, kv_first, kv_count), columns(v, kv_first, kv_count)));
  };
  return {transposed(fused(transposed(whole.q_weight), transposed(whole.k_weight),
                           transposed(whole.v_weight))),
          fused(whole.q_bias, whole.k_bias, whole.v_bias), columns(whole.out_weight, first, count),
          whole.out_bias};
}

AttentionPart gradients_of(const AttentionNumbers& numbers, const AttentionResults& results,
                           int rank) {
  AttentionPart sum = part_of(attention_gradients(numbers, results), numbers.sizes, rank);
  const AttentionPart earlier = part_of(numbers.earlier, numbers.sizes, rank);
  const Index own = numbers.sizes.share().heads * C;
  const auto copies = static_cast<double>(numbers.sizes.share().kv_replicas);
  const auto times = [&](Index row) {
    return Sized{row < own ? 1 : copies, row < own ? 1 : copies};
  };
  for (Index i = 0; i < sum.qkv_weight.rows; ++i) {
    for (Index d = 0; d < D; ++d)
      sum.qkv_weight(i, d) = sum.qkv_weight(i, d) + times(i) * earlier.qkv_weight(i, d);
    sum.qkv_bias(0, i) = sum.qkv_bias(0, i) + times(i) * earlier.qkv_bias(0, i);
  }
  sum.out_weight = plus(sum.out_weight, earlier.out_weight);
  sum.out_bias = plus(sum.out_bias, earlier.out_bias);
  return sum;
}

}  // namespace shardpipe
