#include "labs/grade/day03/attention_numbers.h"

#include <cmath>

#include "labs/grade/groups.h"

namespace shardpipe {
namespace {

constexpr Index T = kAttentionTokens, D = kAttentionFeatures, C = kAttentionHeadSize,
                S = kAttentionPositions;

Table zeros(Index rows, Index columns) { return {rows, columns}; }

Table where_first(Index rows, Index feature, double value) {  // of each head's C rows, the first
  return {rows, D, [=](Index i, Index d) { return i % C == 0 && d == feature ? value : 0; }};
}

AttentionTables no_tables(Index H, Index K) {
  return {zeros(H * C, D), zeros(K * C, D), zeros(K * C, D), zeros(1, H * C),
          zeros(1, K * C), zeros(1, K * C), zeros(D, H * C), zeros(1, D)};
}

AttentionNumbers who(const AttentionSizes& sizes, int group) {
  const Index H = sizes.heads, K = sizes.kv_heads, own = sizes.share().heads * C;
  AttentionTables w = no_tables(H, K);
  w.q_weight = where_first(H * C, 1, 64);
  w.k_weight = where_first(K * C, 0, 1);
  w.v_weight = where_first(K * C, 1, 1);
  w.out_weight = {D, H * C, [=](Index, Index j) {
                    return j % own == 0 ? digit(sizes.grid, group, j / own) : 0;
                  }};
  w.out_bias = {1, D, [=](Index, Index) { return bias_digit(sizes.grid); }};
  const Table x(T, D, [](Index t, Index d) { return d == 1 || (d == 0 && t % S == 0) ? 1 : 0; });
  const Table dy(T, D, [](Index, Index d) { return d == 0 ? 1 : 0; });
  return {sizes, Data::who, x, dy, w, no_tables(H, K)};
}

AttentionNumbers where(const AttentionSizes& sizes, const AttentionTables& earlier) {
  const Index H = sizes.heads, K = sizes.kv_heads;
  const auto spread = [](Index i, Index j) { return i % D == j ? 1 : 0; };
  AttentionTables w = no_tables(H, K);
  w.q_bias = {1, H * C, [](Index, Index j) { return j % C == 0 ? 1 : 0; }};
  w.k_weight = where_first(K * C, 0, 10);
  w.v_weight = {K * C, D, [=](Index i, Index d) { return (i + 1) * spread(i, d); }};
  w.out_weight = {D, H * C, [=](Index d, Index j) { return spread(j, d); }};
  w.out_bias = {1, D, [](Index, Index d) { return 1e5 * static_cast<double>(d + 1); }};
  const Table places(T, D, [](Index t, Index d) { return t * D + d + 1; });
  return {sizes, Data::where, places, places, w, earlier};
}

// Of `data`; or, of_small: -1, 0 or 1, so that softmax does not saturate.
Table random(Data data, std::uint64_t seed, int stream, Index rows, Index columns, bool small) {
  return {rows, columns, [=](Index i, Index j) {
            const double x = number_of(data, seed, stream, i * columns + j);
            return small ? std::fmod(x + 9, 3) - 1 : x;
          }};
}

AttentionTables random_tables(Data data, std::uint64_t seed, int first, const AttentionSizes& sizes,
                              bool small) {
  const Index Q = sizes.heads * C, K = sizes.kv_heads * C;
  const auto make = [&](int i, Index rows, Index columns) {
    return random(data, seed, first + i, rows, columns, small);
  };
  return {make(0, Q, D), make(1, K, D), make(2, K, D), make(3, 1, Q),
          make(4, 1, K), make(5, 1, K), make(6, D, Q), make(7, 1, D)};
}

}  // namespace

AttentionNumbers attention_numbers(Data data, std::uint64_t seed, const AttentionSizes& sizes,
                                   int group) {
  const int first = 40 * group;
  const bool exact = is_exact(data);
  const Data kind = exact ? Data::integers : Data::reals;
  const AttentionTables earlier = random_tables(kind, seed, first + 20, sizes, false);
  if (data == Data::who) return who(sizes, group);
  if (data == Data::where) return where(sizes, earlier);
  return {sizes,
          data,
          random(data, seed, first, T, D, exact),
          random(data, seed, first + 1, T, D, exact),
          random_tables(data, seed, first + 2, sizes, exact),
          earlier};
}

}  // namespace shardpipe
