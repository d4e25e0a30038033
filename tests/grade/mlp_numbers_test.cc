// What day02_mlp is graded by: the oracle's gradients against differences of its outputs, and what
// its probes say of sums.
#include "labs/grade/day02/mlp_numbers.h"

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

// The loss whose gradient with respect to y is dy.
double loss(const MlpNumbers& of) { return dot(mlp_results(of).y, of.dy); }

// Of that loss by central differences, for each number of a table inside of `of`.
Table differences(MlpNumbers of, Table& (*pick)(MlpNumbers&)) {
  Table& at = pick(of);
  Table out(at.rows, at.columns);
  constexpr double kStep = 1e-4;
  for (std::size_t i = 0; i < at.numbers.size(); ++i) {
    const double before = at.numbers[i].value;
    at.numbers[i].value = before + kStep;
    const double above = loss(of);
    at.numbers[i].value = before - kStep;
    const double below = loss(of);
    at.numbers[i].value = before;
    out.numbers[i].value = (above - below) / (2 * kStep);
  }
  return out;
}

// The third derivative of this loss is below 100, so differences are off by less than 1e-6.
double largest_difference(const Table& a, const Table& b) {
  double largest = 0;
  for (std::size_t i = 0; i < a.numbers.size(); ++i)
    largest = std::max(largest, std::abs(a.numbers[i].value - b.numbers[i].value));
  return largest;
}

}  // namespace

TEST_CASE("the oracle's gradients are those of its outputs") {
  MlpNumbers of = mlp_numbers(Data::reals, 3, kGrid, 1);
  for (Table* table :
       {&of.earlier.fc1_weight, &of.earlier.fc1_bias, &of.earlier.fc2_weight, &of.earlier.fc2_bias})
    *table = Table(table->rows, table->columns);  // zeros
  const MlpResults results = mlp_results(of);
  const MlpTables& got = results.gradients;
  const auto off = [&](const Table& gradient, Table& (*pick)(MlpNumbers&)) {
    return largest_difference(gradient, differences(of, pick));
  };
  CHECK(off(results.dx, [](MlpNumbers& n) -> Table& { return n.x; }) < 1e-6);
  CHECK(off(got.fc1_weight, [](MlpNumbers& n) -> Table& { return n.weights.fc1_weight; }) < 1e-6);
  CHECK(off(got.fc1_bias, [](MlpNumbers& n) -> Table& { return n.weights.fc1_bias; }) < 1e-6);
  CHECK(off(got.fc2_weight, [](MlpNumbers& n) -> Table& { return n.weights.fc2_weight; }) < 1e-6);
  CHECK(off(got.fc2_bias, [](MlpNumbers& n) -> Table& { return n.weights.fc2_bias; }) < 1e-6);
}

TEST_CASE("gradients of earlier micro-batches are in the oracle's") {
  const MlpNumbers of = mlp_numbers(Data::integers, 3, kGrid, 0);
  MlpNumbers none = of;
  none.earlier.fc2_bias = Table(1, kMlpFeatures);
  const Table with = mlp_results(of).gradients.fc2_bias;
  const Table without = mlp_results(none).gradients.fc2_bias;
  CHECK(largest_difference(with, plus(without, of.earlier.fc2_bias)) == 0);
  CHECK(largest_difference(with, without) > 0);
}

TEST_CASE("each rank's digit is once in y and dx, of its own group only") {
  for (const int group : {0, 1}) {
    const MlpResults results = mlp_results(mlp_numbers(Data::who, 3, kGrid, group));
    const std::string ranks = group == 0 ? "made of rank 0 once, rank 1 once, rank 2 once"
                                         : "made of rank 3 once, rank 4 once, rank 5 once";
    for (const Sized y : results.y.numbers)
      CHECK(terms_in(y.value / kWhoY, digits(kGrid, 3 * group)) == ranks + ", the bias once");
    for (const Sized dx : results.dx.numbers)
      CHECK(terms_in(dx.value / kWhoDx, digits(kGrid, 3 * group, false)) == ranks);
  }
}

TEST_CASE("on integers all results fit into floats, and GELU is given multiples of 16") {
  for (const Data data : {Data::who, Data::where, Data::integers}) {
    const MlpResults results = mlp_results(mlp_numbers(data, 5, kGrid, 1));
    for (const Table* table : {&results.y, &results.dx, &results.gradients.fc1_weight,
                               &results.gradients.fc2_weight, &results.act, &results.dpre})
      for (const Sized number : table->numbers) {
        const auto nearest = static_cast<double>(static_cast<float>(number.value));
        CHECK(std::abs(nearest - number.value) < 1e-30);
      }
    for (const Sized pre : results.pre.numbers) CHECK(std::fmod(pre.value, 16) == 0);
  }
}

TEST_CASE("a number is no larger than its size") {
  const MlpResults results = mlp_results(mlp_numbers(Data::reals, 5, kGrid, 0));
  for (const Table* table : {&results.pre, &results.act, &results.y, &results.dpre, &results.dx})
    for (const Sized number : table->numbers) CHECK(std::abs(number.value) <= number.size);
}

}  // namespace shardpipe
