// What the linear layers of day 2 are graded by: gradients against outputs, and what the probes
// say.
#include "labs/grade/day02/linear_numbers.h"

#include "labs/grade/groups.h"
#include "tests/support/catch.h"

namespace shardpipe {
namespace {

constexpr GridShape kGrid = {.tp = 3, .pp = 1, .dp = 2};

double dot(const Table& a, const Table& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.numbers.size(); ++i) sum += a.numbers[i].value * b.numbers[i].value;
  return sum;
}

using Make = LinearNumbers (*)(Data, std::uint64_t, const GridShape&, int);

}  // namespace

TEST_CASE("linear layers: <x W^T, dy> is <x, dx>") {
  for (const Make make : {column_numbers, row_numbers})
    for (const Data data : {Data::who, Data::where, Data::integers}) {
      INFO(words_of(data));
      const LinearNumbers all = make(data, 7, kGrid, 1);
      LinearNumbers linear = all;
      for (Sized& number : linear.bias.numbers) number = {};
      CHECK(dot(linear.y(), all.dy) == dot(all.x, all.dx()));
      CHECK(dot(all.x, all.dx()) != 0);
    }
}

TEST_CASE("linear layers: under who an output names its rank, and a sum its ranks") {
  const LinearNumbers column = column_numbers(Data::who, 0, kGrid, 1);
  const Table y = column.y(), dx = column.dx();
  for (int rank = 0; rank < kGrid.tp; ++rank)
    CHECK(y(2, rank * kSplitShare + 1).value == digit(kGrid, 1, rank) + bias_digit(kGrid));
  CHECK(terms_in(dx(1, 6).value, digits(kGrid, 4, false)) ==
        "made of rank 3 once, rank 4 once, rank 5 once");
  const LinearNumbers row = row_numbers(Data::who, 0, kGrid, 0);
  CHECK(terms_in(row.y()(4, 6).value, digits(kGrid, 0)) ==
        "made of rank 0 once, rank 1 once, rank 2 once, the bias once");
}

TEST_CASE("linear layers: under where every number of a gradient is its place in the weight") {
  for (const Make make : {column_numbers, row_numbers}) {
    const LinearNumbers all = make(Data::where, 0, kGrid, 0);
    const Table dx = all.dx();
    for (Index i = 0; i < dx.rows; ++i)
      for (Index k = 0; k < dx.columns; ++k)
        CHECK(dx(i, k).value == static_cast<double>(i * dx.columns + k + 1));
  }
}

}  // namespace shardpipe
