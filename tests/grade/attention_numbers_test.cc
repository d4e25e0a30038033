// What the attention exercises are graded by: the oracle's gradients against differences of its
// outputs, what its probes say of sums, and that the exact cases are exact.
#include "core/reference/sixteenths_kernels.h"
#include "labs/grade/day03/attention_part.h"
#include "labs/grade/day03/qkv_rows.h"
#include "labs/grade/groups.h"
#include "tests/support/catch.h"

namespace shardpipe {
namespace {

constexpr AttentionSizes kGrouped = {.grid = {.tp = 6}, .heads = 12, .kv_heads = 2};
constexpr AttentionSizes kPlain = {.grid = {.tp = 3, .dp = 2}, .heads = 6, .kv_heads = 6};

double dot(const Table& a, const Table& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.numbers.size(); ++i) sum += a.numbers[i].value * b.numbers[i].value;
  return sum;
}

// The loss whose gradient with respect to y is dy.
double loss(const AttentionNumbers& of) { return dot(attention_results(of).y, of.dy); }

using Pick = Table& (*)(AttentionNumbers&);

// The largest difference between a gradient and central differences of the loss. Numbers are of
// order 1, and so are third derivatives: these are off by some 1e-8.
double off(const Table& gradient, AttentionNumbers of, Pick pick) {
  Table& at = pick(of);
  constexpr double kStep = 1e-4;
  double largest = 0;
  for (std::size_t i = 0; i < at.numbers.size(); ++i) {
    const double before = at.numbers[i].value;
    at.numbers[i].value = before + kStep;
    const double above = loss(of);
    at.numbers[i].value = before - kStep;
    const double below = loss(of);
    at.numbers[i].value = before;
    const double difference = (above - below) / (2 * kStep);
    largest = std::max(largest, std::abs(difference - gradient.numbers[i].value));
  }
  return largest;
}

std::vector<const Table*> tables_of(const AttentionResults& r, const AttentionTables& gradients) {
  return {&r.q,
          &r.k,
          &r.v,
          &r.p,
          &r.context,
          &r.y,
          &r.dcontext,
          &r.dq,
          &r.dk,
          &r.dv,
          &r.dx,
          &gradients.q_weight,
          &gradients.k_weight,
          &gradients.v_weight,
          &gradients.q_bias,
          &gradients.k_bias,
          &gradients.v_bias,
          &gradients.out_weight,
          &gradients.out_bias};
}

}  // namespace

TEST_CASE("the attention oracle's gradients are those of its outputs") {
  const AttentionNumbers of = attention_numbers(Data::reals, 3, kGrouped, 0);
  const AttentionResults results = attention_results(of);
  const AttentionTables got = attention_gradients(of, results);
  CHECK(off(results.dx, of, [](AttentionNumbers& n) -> Table& { return n.x; }) < 1e-6);
  const auto check = [&](const Table& gradient, Pick pick) {
    CHECK(off(gradient, of, pick) < 1e-6);
  };
  check(got.q_weight, [](AttentionNumbers& n) -> Table& { return n.weights.q_weight; });
  check(got.k_weight, [](AttentionNumbers& n) -> Table& { return n.weights.k_weight; });
  check(got.v_weight, [](AttentionNumbers& n) -> Table& { return n.weights.v_weight; });
  check(got.q_bias, [](AttentionNumbers& n) -> Table& { return n.weights.q_bias; });
  check(got.k_bias, [](AttentionNumbers& n) -> Table& { return n.weights.k_bias; });
  check(got.v_bias, [](AttentionNumbers& n) -> Table& { return n.weights.v_bias; });
  check(got.out_weight, [](AttentionNumbers& n) -> Table& { return n.weights.out_weight; });
  check(got.out_bias, [](AttentionNumbers& n) -> Table& { return n.weights.out_bias; });
}

TEST_CASE(
    "each rank's digit is once in y and in dx at the first positions, of its own group only") {
  for (const int group : {0, 1}) {
    const AttentionResults results =
        attention_results(attention_numbers(Data::who, 3, kPlain, group));
    const std::string ranks = group == 0 ? "made of rank 0 once, rank 1 once, rank 2 once"
                                         : "made of rank 3 once, rank 4 once, rank 5 once";
    for (const Sized y : results.y.numbers)
      CHECK(terms_in(y.value, digits(kPlain.grid, 3 * group)) == ranks + ", the bias once");
    const double dx = results.dx(0, 1).value / static_cast<double>(kAttentionPositions);
    CHECK(terms_in(dx, digits(kPlain.grid, 3 * group, false)) == ranks);
  }
}

TEST_CASE("exact cases are exact in any order of summing") {
  // Where softmax is 0 or 1 all numbers are integers, elsewhere multiples of 2^-9: sixteenths
  // squared times the scale. Floats hold all partial sums if the magnitudes of the terms add up to
  // no more than 2^24 times that.
  for (const AttentionSizes& sizes : {kPlain, kGrouped})
    for (const Data data : {Data::who, Data::where, Data::integers})
      for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        const AttentionNumbers of = attention_numbers(data, seed, sizes, 0);
        const AttentionResults results = attention_results(of);
        const AttentionTables gradients = attention_gradients(of, results);
        for (const Table* table : tables_of(results, gradients))
          for (const Sized number : table->numbers) {
            const double grid = data == Data::integers ? 0x1p-9 : 1;
            REQUIRE(std::fmod(number.value, grid) == 0);
            REQUIRE(number.size <= 0x1p24 * grid);
          }
      }
}

TEST_CASE("softmax is not all on one position in the random exact case") {
  const AttentionResults results =
      attention_results(attention_numbers(Data::integers, 1, kPlain, 0));
  int inside = 0;
  for (const Sized p : results.p.numbers) inside += p.value > 0 && p.value < 1 ? 1 : 0;
  CHECK(inside > 20);
  CHECK(dot(results.dq, results.dq) > 0);
}

TEST_CASE("an attention result is no larger than its size") {
  const AttentionNumbers of = attention_numbers(Data::reals, 5, kPlain, 1);
  const AttentionResults results = attention_results(of);
  const AttentionTables gradients = attention_gradients(of, results);
  for (const Table* table : tables_of(results, gradients))
    for (const Sized number : table->numbers) CHECK(std::abs(number.value) <= number.size);
}

TEST_CASE("copies of key/value heads: each rank has terms of its own heads, all have the sum") {
  const AttentionNumbers of = attention_numbers(Data::integers, 2, kGrouped, 0);
  const AttentionResults results = attention_results(of);
  const Index own = kGrouped.share().heads * kAttentionHeadSize;
  double summed = 0;
  for (const int rank : {3, 4, 5}) summed += own_dqkv(results, kGrouped, rank)(0, own).value;
  const Table dk = by_kv_head(results.dk, kGrouped.kv_heads);
  CHECK(summed == dk(0, kAttentionHeadSize).value);  // head 1, of which ranks 3 to 5 have copies
  CHECK(gradients_of(of, results, 3).qkv_weight(own, 0).value ==
        gradients_of(of, results, 5).qkv_weight(own, 0).value);
}

TEST_CASE("softmax in sixteenths") {
  CHECK(softmax_in_sixteenths({7}) == std::vector<double>{1});
  CHECK(softmax_in_sixteenths({3, 3}) == std::vector<double>{0.5, 0.5});
  CHECK(softmax_in_sixteenths({0, 32}) == std::vector<double>{0, 1});
  // e / (1 + e) = 0.7311 = 11.7 / 16
  CHECK(softmax_in_sixteenths({1, 0}) == std::vector<double>{0.75, 0.25});
}

TEST_CASE("rows of a fused weight, by hand") {
  const QkvSizes two = {.heads = 2, .kv_heads = 2, .head_size = 1, .ranks = 2};
  CHECK(right_rows_of_rank(two, 0) == std::vector<Index>{0, 2, 4});
  CHECK(right_rows_of_rank(two, 1) == std::vector<Index>{1, 3, 5});
  CHECK(right_places_of_rows(two) == std::vector<Index>{0, 3, 1, 4, 2, 5});
  const QkvSizes copies = {.heads = 4, .kv_heads = 2, .head_size = 1, .ranks = 4};
  CHECK(right_rows_of_rank(copies, 3) == std::vector<Index>{3, 5, 7});
  CHECK(right_places_of_rows(copies) == std::vector<Index>{0, 3, 6, 9, 1, 7, 2, 8});
  CHECK(words_of_row(copies, 5) == "row 5, row 0 of K head 1");
  CHECK(heads_in(two, {0, 2, 4}) == "Q0 K0 V0");
}

}  // namespace shardpipe
