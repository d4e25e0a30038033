#include "labs/grade/day02/linear_numbers.h"

#include "labs/grade/groups.h"

namespace shardpipe {
namespace {

constexpr Index T = kLinearTokens;

LinearNumbers random_numbers(Data data, std::uint64_t seed, int first, Index D, Index F) {
  const auto random = [=](int tensor) {
    return [=](Index i, Index j) { return number_of(data, seed, first + tensor, i * D + j); };
  };
  return {{T, D, random(0)}, {F, D, random(1)}, {1, F, random(2)}, {T, F, random(3)}};
}

double is_same(Index i, Index j) { return i == j ? 1 : 0; }

LinearNumbers places(Index D, Index F) {
  return {{T, D, is_same},
          {F, D, [=](Index j, Index k) { return static_cast<double>(j * D + k + 1); }},
          {1, F, [](Index, Index j) { return 1000.0 * static_cast<double>(j + 1); }},
          {T, F, is_same}};
}

double is_first(Index, Index k) { return k == 0 ? 1 : 0; }
double is_first_of_share(Index, Index k) { return k % kSplitShare == 0 ? 1 : 0; }

}  // namespace

LinearNumbers column_numbers(Data data, std::uint64_t seed, const GridShape& grid, int group) {
  const Index D = kWholeSide, F = kSplitShare * grid.tp;
  if (data == Data::where) return places(D, F);
  if (data != Data::who) return random_numbers(data, seed, 10 * group, D, F);
  return {{T, D, is_first},
          {F, D, [&](Index j, Index) { return digit(grid, group, j / kSplitShare); }},
          {1, F, [&](Index, Index) { return bias_digit(grid); }},
          {T, F, is_first_of_share}};
}

LinearNumbers row_numbers(Data data, std::uint64_t seed, const GridShape& grid, int group) {
  const Index D = kSplitShare * grid.tp, F = kWholeSide;
  if (data == Data::where) return places(D, F);
  if (data != Data::who) return random_numbers(data, seed, 10 * group, D, F);
  return {{T, D, [&](Index, Index k) { return digit(grid, group, k / kSplitShare); }},
          {F, D, is_first_of_share},
          {1, F, [&](Index, Index) { return bias_digit(grid); }},
          {T, F, is_first}};
}

}  // namespace shardpipe
