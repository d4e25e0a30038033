// What the cross entropies of day 3 are graded by: the oracle's gradients against differences of
// its loss, and that the numbers called exact are floats.
#include "labs/grade/day03/loss_numbers.h"

#include <algorithm>
#include <cmath>

#include "labs/grade/groups.h"
#include "tests/support/catch.h"

namespace shardpipe {
namespace {

const GridShape kThree = {.tp = 3, .pp = 1, .dp = 2}, kFive = {.tp = 5};

}  // namespace

TEST_CASE("the loss oracle's gradients are those of its loss, and 0 in the padding") {
  LossNumbers of = loss_numbers(Data::reals, 3, kThree, 1);
  const LossResults results = loss_results(of);
  constexpr double kBy = 1e-4;
  for (Index i = 0; i < kLossTokens; ++i)
    for (Index v = 0; v < of.logits.columns; ++v) {
      const double before = of.logits(i, v).value;
      of.logits(i, v).value = before + kBy;
      const double above = loss_results(of).loss;
      of.logits(i, v).value = before - kBy;
      const double below = loss_results(of).loss;
      of.logits(i, v).value = before;
      const double slope = of.scale * (above - below) / (2 * kBy);
      CHECK(std::abs(slope - results.dlogits(i, v).value) < 1e-8);
      if (v >= of.vocabulary) CHECK(results.dlogits(i, v).value == 0);
    }
}

TEST_CASE("on exact data every number of a loss but the logarithm is a float") {
  for (const GridShape& grid : {kThree, kFive})
    for (const Data data : {Data::who, Data::where, Data::integers}) {
      const LossNumbers of = loss_numbers(data, 5, grid, 0);
      const LossResults results = loss_results(of);
      for (const Table* table : {&results.max, &results.target, &results.sum, &results.dlogits})
        for (const Sized number : table->numbers)
          CHECK(std::abs(static_cast<double>(static_cast<float>(number.value)) - number.value) <
                1e-30);
      for (const Sized sum : results.sum.numbers) {
        const double most = data == Data::who ? 4 : 1;
        CHECK(std::abs(sum.value - std::round(sum.value)) < 1e-30);
        CHECK((sum.value >= 1 && sum.value <= most));
      }
    }
}

TEST_CASE("some rank has less than its share of words, and each that has words is asked for one") {
  for (const GridShape& grid : {kThree, kFive})
    for (const std::uint64_t seed : {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}) {
      const LossNumbers of = loss_numbers(Data::integers, seed, grid, 0);
      const VocabularyRows last = rows_of(of.vocabulary, grid.tp - 1, grid.tp);
      CHECK(last.valid < last.count);
      for (int rank = 0; rank < grid.tp; ++rank) {
        const VocabularyRows rows = rows_of(of.vocabulary, rank, grid.tp);
        const auto is_there = [&](std::int32_t word) {
          return word >= rows.first && word < rows.first + rows.valid;
        };
        CHECK(std::any_of(of.targets.begin(), of.targets.end(), is_there) == (rows.valid > 0));
      }
    }
}

}  // namespace shardpipe
