// The arithmetic of the float64 results of one rank: numbers that know how large a rounding error
// may be, tables of them, and what of a table a rank holds.
#pragma once

#include <cmath>
#include <vector>

#include "core/launch/launch.h"
#include "labs/grade/device_cases.h"

namespace shardpipe {

// A number and its size: the sum of the magnitudes of the terms it is made of. What a float program
// gets for it after a chain of N dependent roundings is off by at most N u size, u = 2^-24: a sum
// of K terms rounds K times (core/model/error_bound.h), sizes add where numbers add and multiply
// where they multiply, and roundings add up along the chain.
struct Sized {
  double value = 0, size = 0;
};

inline Sized operator+(Sized a, Sized b) { return {a.value + b.value, a.size + b.size}; }
inline Sized operator*(Sized a, Sized b) { return {a.value * b.value, a.size * b.size}; }

// [rows, columns]; a bias is [1, F].
struct Table {
  Index rows = 0, columns = 0;
  std::vector<Sized> numbers = {};

  Table(Index r, Index c) : rows(r), columns(c), numbers(static_cast<std::size_t>(r * c)) {}
  // The float nearest to fill(i, j) everywhere.
  Table(Index r, Index c, const std::function<double(Index i, Index j)>& fill);
  Sized& operator()(Index i, Index j) { return numbers[static_cast<std::size_t>(i * columns + j)]; }
  Sized operator()(Index i, Index j) const {
    return numbers[static_cast<std::size_t>(i * columns + j)];
  }
};

Table transposed(const Table& a);
// out[i][j] = sum over l of a[i][l] b[l][j].
Table product(const Table& a, const Table& b);
Table plus(Table a, const Table& b);
Table plus_row(Table a, const Table& row);  // to every row
Table column_sums(const Table& a);          // [1, columns]

// A stretch of rows and columns.
struct Cut {
  Index row = 0, rows = 0, column = 0, columns = 0;
};
Cut all_of(const Table& a);
Cut rows_part(const Table& a, int rank, int ranks);
Cut columns_part(const Table& a, int rank, int ranks);

// A tensor of those numbers; of a table of one row, one of one dimension.
Tensor upload(const Table& a, Cut cut, RankContext& ctx);
// What the layers around an answer do: they write what it is given and read what it gives, on the
// compute stream. So an answer that works on another one without waiting is found.
void touch(const std::vector<Tensor>& tensors, RankContext& ctx);
// roundings: N; 0: data are such that floats are exact.
Wanted64 wanted(const Table& a, Cut cut, double roundings);

}  // namespace shardpipe
