// What day03_block is graded by: the oracle's gradients against differences of its outputs, and
// what its probes say of sums.
#include "labs/grade/day03/product_block.h"

#include <algorithm>
#include <cmath>

#include "labs/grade/groups.h"
#include "tests/support/catch.h"

namespace shardpipe {
namespace {

const GridShape kGrid = {.tp = 3, .pp = 1, .dp = 2};

double loss(const ProductBlock& of) {
  const Table y = product_block_results(of).y;
  double sum = 0;
  for (std::size_t i = 0; i < y.numbers.size(); ++i)
    sum += y.numbers[i].value * of.dy.numbers[i].value;
  return sum;
}

// The largest difference between a gradient and central differences of the loss. A block of
// products is linear in each of its numbers, so these are exact but for rounding.
double off(const Table& gradient, ProductBlock of, Table& (*pick)(ProductBlock&)) {
  Table& at = pick(of);
  double largest = 0;
  for (std::size_t i = 0; i < at.numbers.size(); ++i) {
    const double before = at.numbers[i].value;
    at.numbers[i].value = before + 1;
    const double above = loss(of);
    at.numbers[i].value = before - 1;
    const double slope = (above - loss(of)) / 2;
    at.numbers[i].value = before;
    largest = std::max(largest, std::abs(slope - gradient.numbers[i].value));
  }
  return largest;
}

}  // namespace

TEST_CASE("the block oracle's gradients are those of its outputs") {
  const ProductBlock of = product_block(Data::reals, 3, kGrid, 1);
  const ProductBlockResults got = product_block_results(of);
  CHECK(off(got.dx, of, [](ProductBlock& n) -> Table& { return n.x; }) < 1e-9);
  CHECK(off(got.dnorm1, of, [](ProductBlock& n) -> Table& { return n.norm1; }) < 1e-9);
  CHECK(off(got.dnorm2, of, [](ProductBlock& n) -> Table& { return n.norm2; }) < 1e-9);
  CHECK(off(got.dattention, of, [](ProductBlock& n) -> Table& { return n.attention[2]; }) < 1e-9);
  CHECK(off(got.dmlp, of, [](ProductBlock& n) -> Table& { return n.mlp[0]; }) < 1e-9);
}

TEST_CASE("a block's y and dx say which ranks are in them, of their own group only") {
  for (const int group : {0, 1}) {
    const ProductBlockResults results =
        product_block_results(product_block(Data::who, 3, kGrid, group));
    const std::string made = group == 0 ? "made of rank 0 once, rank 1 once, rank 2 once"
                                        : "made of rank 3 once, rank 4 once, rank 5 once";
    const auto terms = [&](double x) { return terms_in(x, digits(kGrid, 3 * group)); };
    for (Index i = 0; i < kBlockTokens; ++i) {
      if (i % 2 == 0) CHECK(terms(results.y(i, 1).value) == made + ", the bias once");
      if (i % 2 == 0) CHECK(terms(results.y(i, 2).value) == made + ", the bias once");
      CHECK(terms(results.dx(i, 0).value) == made + ", the bias once");
    }
  }
}

TEST_CASE("on integers all results of a block fit into floats") {
  for (const GridShape& grid : {kGrid, GridShape{.tp = 5}})
    for (const Data data : {Data::who, Data::where, Data::integers}) {
      const ProductBlockResults results = product_block_results(product_block(data, 5, grid, 0));
      for (const Table* table : {&results.y, &results.dx, &results.dnorm1, &results.dnorm2,
                                 &results.dattention, &results.dmlp})
        for (const Sized number : table->numbers)
          CHECK(std::abs(static_cast<double>(static_cast<float>(number.value)) - number.value) <
                1e-30);
    }
}

}  // namespace shardpipe
