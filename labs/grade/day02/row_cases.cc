#include "labs/grade/day02/row_cases.h"

#include "labs/grade/budgets.h"
#include "labs/grade/data.h"
#include "labs/grade/day02/groups.h"
#include "labs/grade/day02/oracle.h"

namespace shardpipe {
namespace {

// Odd, and no two the same; D = t kShard.
constexpr Index kTokens = 5, kOutputs = 7, kShard = 3;

// Whole, of one tensor-parallel group.
struct RowNumbers {
  Table x, weight, bias;  // [T,D] [F,D] [1,F]
};

// who: rank r's partial sum is 8^r everywhere, and the bias is the digit after the last rank's.
// where: row i of x picks column i of the weight, whose numbers are their places.
RowNumbers numbers_of(Data data, std::uint64_t seed, const GridShape& grid, int group) {
  const Index D = kShard * grid.tp;
  const auto random = [&](int tensor) {
    return [=](Index i, Index j) { return number_of(data, seed, 10 * group + tensor, i * D + j); };
  };
  switch (data) {
    case Data::who:
      return {{kTokens, D, [&](Index, Index k) { return digit(grid, group, k / kShard); }},
              {kOutputs, D, [](Index, Index k) { return k % kShard == 0 ? 1 : 0; }},
              {1, kOutputs, [&](Index, Index) { return bias_digit(grid); }}};
    case Data::where:
      return {{kTokens, D, [](Index i, Index k) { return i == k ? 1 : 0; }},
              {kOutputs, D, [&](Index j, Index k) { return j * D + k + 1; }},
              {1, kOutputs, [](Index, Index j) { return 1000 * (j + 1); }}};
    case Data::integers:
    case Data::reals: break;
  }
  return {{kTokens, D, random(0)}, {kOutputs, D, random(1)}, {1, kOutputs, random(2)}};
}

std::map<std::string, Wanted64> want(const RowNumbers& all, int tp_rank, const GridShape& grid,
                                     bool exact) {
  const Index D = all.x.columns;
  const Table y = plus_row(product(all.x, transposed(all.weight)), all.bias);
  // Products and their sum: D; the sum over ranks: t; the bias: 1.
  const double roundings = exact ? 0 : static_cast<double>(D + grid.tp + 1);
  return {{"y", wanted(y, all_of(y), roundings)},
          {"x", wanted(all.x, columns_part(all.x, tp_rank, grid.tp), 0)},
          {"weight", wanted(all.weight, columns_part(all.weight, tp_rank, grid.tp), 0)},
          {"bias", wanted(all.bias, all_of(all.bias), 0)}};
}

HeldTensors run(RowForward forward, const RowNumbers& all, RankContext& ctx) {
  const int rank = ctx.tp.rank(), t = ctx.tp.size();
  const Tensor x = upload(all.x, columns_part(all.x, rank, t), ctx);  // [T,D/t]
  const RowShard shard{.weight = upload(all.weight, columns_part(all.weight, rank, t), ctx),
                       .bias = upload(all.bias, all_of(all.bias), ctx)};
  const Tensor y(ctx.device, {kTokens, kOutputs});
  ctx.begin_window();
  touch({x}, ctx);
  {
    const auto scope = ctx.scope({.phase = Phase::forward});
    forward(y, x, shard, ctx);
  }
  touch({y}, ctx);
  ctx.end_window();
  return {{"y", y}, {"x", x}, {"weight", shard.weight}, {"bias", shard.bias}};
}

// One all-reduce of y, and no memory but what is given.
std::vector<Budget> budgets() {
  const Collectives sums{.kind = OpKind::all_reduce, .axis = "tp"};
  const Index given = kTokens * kOutputs + kTokens * kShard + kOutputs * kShard + kOutputs;
  return {calls_of(sums, 1), bytes_of(sums, 4 * kTokens * kOutputs), no_calls_but(sums),
          bytes_held([=](int) { return 4.0 * static_cast<double>(given); })};
}

DeviceCase make_case(RowForward forward, Data data, std::uint64_t seed, GridShape grid) {
  const auto numbers = [=](int rank) { return numbers_of(data, seed, grid, rank / grid.tp); };
  return {
      .name = text(words_of(grid), ", D=", kShard * grid.tp, ", ", words_of(data)),
      .grid = grid,
      .program = [=](RankContext& ctx) { return run(forward, numbers(ctx.rank), ctx); },
      .want = [=](int rank) { return want(numbers(rank), rank % grid.tp, grid, is_exact(data)); },
      .budgets = budgets(),
      .explain =
          [=](int rank, const std::string& name, std::size_t, double got) {
            return data == Data::who && name == "y" ? terms_in(got, digits(grid, rank)) : "";
          }};
}

}  // namespace

std::vector<DeviceCase> row_cases(RowForward forward, std::uint64_t seed) {
  std::vector<DeviceCase> cases;
  for (const GridShape grid : {GridShape{.tp = 3, .dp = 2}, GridShape{.tp = 5}})
    for (const Data data : {Data::who, Data::where, Data::integers, Data::reals})
      cases.push_back(make_case(forward, data, seed, grid));
  return cases;
}

}  // namespace shardpipe
