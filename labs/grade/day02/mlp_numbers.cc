#include "labs/grade/day02/mlp_numbers.h"

#include <cmath>
#include <numbers>

#include "labs/grade/groups.h"

namespace shardpipe {
namespace {

constexpr Index T = kMlpTokens, D = kMlpFeatures, kShard = kHiddenShard;

// The tanh GELU x s(z) and its derivatives' bounds: |gelu'| < 1.13, |gelu''| < 0.8.
double gelu_slope(double x) {
  const double inner = std::sqrt(8 / std::numbers::pi), cubic = 0.044715;
  const double s = 1 / (1 + std::exp(-inner * (x + cubic * x * x * x)));
  return s + x * s * (1 - s) * inner * (1 + 3 * cubic * x * x);
}

double gelu(double x) {
  const double inner = std::sqrt(8 / std::numbers::pi), cubic = 0.044715;
  return x / (1 + std::exp(-inner * (x + cubic * x * x * x)));
}

MlpNumbers who(const GridShape& grid, int group, const MlpTables& earlier) {
  const Index F = kShard * grid.tp;
  const auto all = [](double x) { return [=](Index, Index) { return x; }; };
  const auto first_of_shard = [](Index f) { return f % kShard == 0; };
  return {{T, D, all(1)},
          {T, D, [](Index, Index j) { return j == 0 ? 1 : 0; }},
          {{F, D, [=](Index f, Index) { return first_of_shard(f) ? 16 : 0; }},
           {1, F, all(16)},
           {D, F,
            [=](Index, Index f) { return first_of_shard(f) ? digit(grid, group, f / kShard) : 0; }},
           {1, D, all(kWhoY * bias_digit(grid))}},
          earlier};
}

MlpNumbers where(const GridShape& grid, const MlpTables& earlier) {
  const Index F = kShard * grid.tp;
  const auto place = [](Index i, Index j) { return static_cast<double>(i * D + j + 1); };
  return {
      {T, D, place},
      {T, D, place},
      {{F, D, [](Index f, Index d) { return d == f % D ? 16.0 * static_cast<double>(f + 1) : 0; }},
       {1, F, [](Index, Index) { return 16; }},
       {D, F, [](Index d, Index f) { return d == f % D ? 1 : 0; }},
       {1, D, [](Index, Index d) { return 1e5 * static_cast<double>(d + 1); }}},
      earlier};
}

// of1, of2: factors of the two layers' weights.
MlpTables random_tables(Data data, std::uint64_t seed, int first, Index F, double of1, double of2) {
  const auto numbers = [=](int tensor, double factor) {
    return [=](Index i, Index j) {
      return factor * number_of(data, seed, first + tensor, i * 1000 + j);
    };
  };
  return {{F, D, numbers(0, of1)},
          {1, F, numbers(1, of1)},
          {D, F, numbers(2, of2)},
          {1, D, numbers(3, of2)}};
}

}  // namespace

MlpNumbers mlp_numbers(Data data, std::uint64_t seed, const GridShape& grid, int group) {
  const Index F = kShard * grid.tp;
  const int first = 20 * group;
  const Data kind = data == Data::reals ? Data::reals : Data::integers;
  const MlpTables earlier = random_tables(kind, seed, first + 10, F, 1, 1);
  if (data == Data::who) return who(grid, group, earlier);
  if (data == Data::where) return where(grid, earlier);
  const auto random = [=](int tensor) {
    return [=](Index i, Index j) { return number_of(data, seed, first + tensor, i * D + j); };
  };
  const bool exact = is_exact(data);
  return {{T, D, random(0)},
          {T, D, random(1)},
          random_tables(data, seed, first + 2, F, exact ? 16 : 0.5, exact ? 1 : 0.25),
          earlier};
}

MlpResults mlp_results(const MlpNumbers& of) {
  const MlpTables& w = of.weights;
  const Table pre = plus_row(product(of.x, transposed(w.fc1_weight)), w.fc1_bias);
  const Table dact = product(of.dy, w.fc2_weight);
  Table act = pre, dpre = dact;
  for (std::size_t i = 0; i < pre.numbers.size(); ++i) {
    const auto [x, size] = pre.numbers[i];
    act.numbers[i] = {gelu(x), 1.13 * size};
    dpre.numbers[i] = dact.numbers[i] * Sized{gelu_slope(x), 1.13 + 0.8 * size};
  }
  const Table y = plus_row(product(act, transposed(w.fc2_weight)), w.fc2_bias);
  const Table dx = product(dpre, w.fc1_weight);
  return {pre,
          act,
          y,
          dpre,
          dx,
          {plus(product(transposed(dpre), of.x), of.earlier.fc1_weight),
           plus(column_sums(dpre), of.earlier.fc1_bias),
           plus(product(transposed(of.dy), act), of.earlier.fc2_weight),
           plus(column_sums(of.dy), of.earlier.fc2_bias)}};
}

double mlp_roundings(int tp) {
  constexpr double kFunction = 12;  // of GELU or its slope: under 4 u, and a few products
  const auto F = static_cast<double>(kShard * tp);
  return (D + 1) + kFunction + D + kFunction + F + tp + 1;
}

}  // namespace shardpipe
