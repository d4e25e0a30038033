#include "labs/grade/day03/product_block.h"

#include "labs/grade/groups.h"

namespace shardpipe {
namespace {

constexpr Index T = kBlockTokens, D = kBlockFeatures;

Table unit() {
  return {D, D, [](Index j, Index k) { return j == k ? 1 : 0; }};
}

std::vector<Table> by_rank(int t, const std::function<double(int rank, Index j, Index k)>& fill) {
  std::vector<Table> all;
  for (int rank = 0; rank < t; ++rank)
    all.emplace_back(D, D, [&](Index j, Index k) { return fill(rank, j, k); });
  return all;
}

ProductBlock who(const GridShape& grid, int group) {
  const double residual = bias_digit(grid);
  // Reads column 0, writes column `to`.
  const auto writes = [&](Index to) {
    return by_rank(grid.tp, [=, &grid](int rank, Index j, Index k) {
      return j == to && k == 0 ? digit(grid, group, rank) : 0;
    });
  };
  const auto x = [=](Index i, Index k) {
    return k == 0 ? static_cast<double>(i % 2 == 0) : k <= 2 ? residual : 0;
  };
  const auto dy = [=](Index i, Index k) {
    return k == 0 ? residual : static_cast<double>(k == 1 + i % 2);
  };
  return {{T, D, x}, {T, D, dy}, unit(), unit(), writes(1), writes(2)};
}

ProductBlock where(const GridShape& grid) {
  const auto place = [](Index i, Index j) { return static_cast<double>(i * D + j + 1); };
  const auto turns = [&](Index by) {
    return by_rank(grid.tp, [=, t = grid.tp](int rank, Index j, Index k) {
      return k == (j + by) % D && rank == j % t ? 1 : 0;
    });
  };
  return {{T, D, place}, {T, D, place}, unit(), unit(), turns(1), turns(2)};
}

Table sum_of(const std::vector<Table>& all) {
  Table sum(D, D);
  for (const Table& one : all) sum = plus(sum, one);
  return sum;
}

}  // namespace

ProductBlock product_block(Data data, std::uint64_t seed, const GridShape& grid, int group) {
  if (data == Data::who) return who(grid, group);
  if (data == Data::where) return where(grid);
  const auto number = [=](int tensor, Index i, Index j) {
    return number_of(data, seed, 100 * group + tensor, i * D + j);
  };
  // -1, 0 or 1, so that all results are below 2^24; reals up to a half.
  const auto weight = [=](int tensor, Index j, Index k) {
    const double n = number(tensor, j, k);
    return is_exact(data) ? static_cast<double>((static_cast<int>(n) + 9) % 3 - 1) : n / 2;
  };
  const auto table = [&](Index rows, int tensor, auto fill) {
    return Table(rows, D, [=](Index i, Index j) { return fill(tensor, i, j); });
  };
  const auto weights = [&](int first) {
    return by_rank(grid.tp, [=](int rank, Index j, Index k) { return weight(first + rank, j, k); });
  };
  return {table(T, 0, number), table(T, 1, number), table(D, 2, weight),
          table(D, 3, weight), weights(10),         weights(20)};
}

ProductBlockResults product_block_results(const ProductBlock& of) {
  const Table attention = sum_of(of.attention), mlp = sum_of(of.mlp);
  const Table n1 = product(of.x, transposed(of.norm1));
  const Table z = plus(product(n1, transposed(attention)), of.x);
  const Table n2 = product(z, transposed(of.norm2));
  const Table y = plus(product(n2, transposed(mlp)), z);
  const Table dn2 = product(of.dy, mlp);
  const Table dz = plus(product(dn2, of.norm2), of.dy);
  const Table dn1 = product(dz, attention);
  const Table dx = plus(product(dn1, of.norm1), dz);
  return {y,
          dx,
          product(transposed(dn1), of.x),
          product(transposed(dn2), z),
          product(transposed(dz), n1),
          product(transposed(of.dy), n2)};
}

// Forward four products, two sums over ranks and two residuals; as many backward; and a sum over
// the tokens.
double product_block_roundings(int tp) { return static_cast<double>(2 * (4 * D + 2 * tp + 2) + T); }

}  // namespace shardpipe
