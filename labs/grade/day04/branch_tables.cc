#include "labs/grade/day04/branch_tables.h"

#include <cmath>

#include "labs/grade/groups.h"

namespace shardpipe {
namespace {

constexpr Index D = kBranchFeatures;

using Fill = std::function<double(Index, Index)>;

Fill all(double x) {
  return [=](Index, Index) { return x; };
}

Table times_row(Table a, const Table& row) {
  for (Index i = 0; i < a.rows; ++i)
    for (Index j = 0; j < a.columns; ++j) a(i, j) = a(i, j) * row(0, j);
  return a;
}

Table times(Table a, const Table& b) {
  for (std::size_t i = 0; i < a.numbers.size(); ++i) a.numbers[i] = a.numbers[i] * b.numbers[i];
  return a;
}

Fill identity() {
  return [](Index i, Index j) { return i == j ? 1 : 0; };
}

BranchTables nothing(Index T, Index F) {
  return {{1, D, all(1)}, {1, D, all(0)}, {T, T, identity()},
          {F, D, all(0)}, {D, F, all(0)}, {1, D, all(0)}};
}

bool first_of_shard(Index f) { return f % kInnerShard == 0; }

BlockNumbers who(Index T, Index F, const GridShape& grid, int group) {
  const double residual = 8 * bias_digit(grid);
  BranchTables mlp = nothing(T, F);
  mlp.column = {F, D,
                [=](Index f, Index d) { return first_of_shard(f) && d == 0 ? 1 / residual : 0; }};
  mlp.row = {D, F, [=](Index, Index f) {
               return first_of_shard(f) ? digit(grid, group, f / kInnerShard) : 0;
             }};
  mlp.bias = {1, D, all(bias_digit(grid))};
  return {{T, D, all(residual)},
          {T, D, [=](Index, Index j) { return j == 0 ? residual : 0; }},
          nothing(T, F),
          mlp};
}

BlockNumbers where(Index T, Index F) {
  const auto place = [](Index i, Index j) { return static_cast<double>(i * D + j + 1); };
  BranchTables mlp = nothing(T, F);
  mlp.column = {F, D, [](Index f, Index d) { return f == d ? 1 : 0; }};
  mlp.row = {D, F, [](Index d, Index f) { return f == d ? 1 : 0; }};
  mlp.bias = {1, D, [](Index, Index d) { return 1000 * static_cast<double>(d + 1); }};
  return {{T, D, place}, {T, D, place}, nothing(T, F), mlp};
}

}  // namespace

BranchForward branch_forward_of(const BranchTables& b, const Table& x) {
  const Table normed = plus_row(times_row(x, b.scale), b.shift);
  const Table hidden = product(b.mix, product(normed, transposed(b.column)));
  return {normed, hidden, plus(plus_row(product(hidden, transposed(b.row)), b.bias), x)};
}

BranchBackward branch_backward_of(const BranchTables& b, const Table& x, const BranchForward& f,
                                  const Table& dy) {
  const Table dpre = product(transposed(b.mix), product(dy, b.row));
  const Table dnormed = product(dpre, b.column);
  return {
      plus(times_row(dnormed, b.scale), dy),
      {column_sums(times(dnormed, x)), column_sums(dnormed), b.mix,
       product(transposed(dpre), f.normed), product(transposed(dy), f.hidden), column_sums(dy)}};
}

BlockNumbers block_numbers(Data data, std::uint64_t seed, const GridShape& grid, int group) {
  const Index T = kOwnTokens * grid.tp, F = kInnerShard * grid.tp;
  if (data == Data::who) return who(T, F, grid, group);
  if (data == Data::where) return where(T, F);
  // Small: a result is behind up to eight products, and has to be exact in a float.
  const auto random = [=](int tensor, double below) -> Fill {
    return [=](Index i, Index j) {
      const double x = number_of(data, seed, 20 * group + tensor, 1000 * i + j);
      return is_exact(data) ? std::fmod(x, below) : x;
    };
  };
  const auto branch = [&](int first, const Fill& mix) -> BranchTables {
    return {
        {1, D, random(first, 2)},     {1, D, random(first + 1, 2)}, {T, T, mix},
        {F, D, random(first + 2, 2)}, {D, F, random(first + 3, 2)}, {1, D, random(first + 4, 9)}};
  };
  const auto causal = [](Index i, Index j) { return j <= i ? 1 : 0; };
  return {{T, D, random(0, 3)}, {T, D, random(1, 3)}, branch(2, causal), branch(7, identity())};
}

double block_roundings(int tp) {
  const auto T = static_cast<double>(kOwnTokens * tp), F = static_cast<double>(kInnerShard * tp);
  const double branch = 2 + D + T + F + tp + 2;  // norm, three products, ranks, bias and residual
  return 2 * branch + 2 * branch + T;            // forward, backward, a sum over tokens
}

}  // namespace shardpipe
