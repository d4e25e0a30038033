#include "labs/grade/oracle.h"

#include <algorithm>

#include "core/model/error_bound.h"

namespace shardpipe {

Table::Table(Index r, Index c, const std::function<double(Index i, Index j)>& fill) : Table(r, c) {
  for (Index i = 0; i < r; ++i)
    for (Index j = 0; j < c; ++j) {
      const auto number = static_cast<double>(static_cast<float>(fill(i, j)));
      (*this)(i, j) = {number, std::abs(number)};
    }
}

Table transposed(const Table& a) {
  Table out(a.columns, a.rows);
  for (Index i = 0; i < a.rows; ++i)
    for (Index j = 0; j < a.columns; ++j) out(j, i) = a(i, j);
  return out;
}

Table product(const Table& a, const Table& b) {
  Table out(a.rows, b.columns);
  for (Index i = 0; i < a.rows; ++i)
    for (Index j = 0; j < b.columns; ++j)
      for (Index l = 0; l < a.columns; ++l) out(i, j) = out(i, j) + a(i, l) * b(l, j);
  return out;
}

Table plus(Table a, const Table& b) {
  for (std::size_t i = 0; i < a.numbers.size(); ++i) a.numbers[i] = a.numbers[i] + b.numbers[i];
  return a;
}

Table plus_row(Table a, const Table& row) {
  for (Index i = 0; i < a.rows; ++i)
    for (Index j = 0; j < a.columns; ++j) a(i, j) = a(i, j) + row(0, j);
  return a;
}

Table column_sums(const Table& a) {
  Table out(1, a.columns);
  for (Index i = 0; i < a.rows; ++i)
    for (Index j = 0; j < a.columns; ++j) out(0, j) = out(0, j) + a(i, j);
  return out;
}

Cut all_of(const Table& a) { return {0, a.rows, 0, a.columns}; }

Cut rows_part(const Table& a, int rank, int ranks) {
  const Index count = a.rows / ranks;
  return {rank * count, count, 0, a.columns};
}

Cut columns_part(const Table& a, int rank, int ranks) {
  const Index count = a.columns / ranks;
  return {0, a.rows, rank * count, count};
}

Tensor upload(const Table& a, Cut cut, RankContext& ctx) {
  std::vector<float> numbers;
  for (const double x : wanted(a, cut, 0).values) numbers.push_back(static_cast<float>(x));
  const Tensor out(ctx.device, a.rows == 1 ? Shape{cut.columns} : Shape{cut.rows, cut.columns});
  ctx.math.upload(out, numbers, ctx.compute);
  return out;
}

void touch(const std::vector<Tensor>& tensors, RankContext& ctx) {
  for (const Tensor& x : tensors) ctx.math.scale(x, x, 1, ctx.compute);
}

Wanted64 wanted(const Table& a, Cut cut, double roundings) {
  Wanted64 out{.first_row = cut.row, .first_column = cut.column};
  double largest = 0;
  for (Index i = cut.row; i < cut.row + cut.rows; ++i)
    for (Index j = cut.column; j < cut.column + cut.columns; ++j) {
      const double x = a(i, j).value;
      out.values.push_back(roundings == 0 ? static_cast<double>(static_cast<float>(x)) : x);
      largest = std::max(largest, a(i, j).size);
    }
  out.bound = roundings * kUnitRoundoff * largest;
  return out;
}

}  // namespace shardpipe
