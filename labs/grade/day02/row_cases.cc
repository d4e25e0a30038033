#include "labs/grade/day02/row_cases.h"

#include "labs/grade/budgets.h"
#include "labs/grade/day02/linear_numbers.h"
#include "labs/grade/groups.h"

namespace shardpipe {
namespace {

Cut cut_of_x(const LinearNumbers& all, int rank, int t, RowGiven given) {
  return given.whole_x ? all_of(all.x) : columns_part(all.x, rank, t);
}

std::map<std::string, Wanted64> want(const LinearNumbers& all, int rank, int t, RowGiven given,
                                     bool exact) {
  const Table y = all.y();
  // Products and their sum: D; the sum over ranks: t; the bias: 1.
  const double roundings = exact ? 0 : static_cast<double>(all.x.columns + t + 1);
  return {{"y", wanted(y, all_of(y), roundings)},
          {"x", wanted(all.x, cut_of_x(all, rank, t, given), 0)},
          {"weight", wanted(all.weight, columns_part(all.weight, rank, t), 0)},
          {"bias", wanted(all.bias, all_of(all.bias), 0)}};
}

HeldTensors run(RowForward forward, const LinearNumbers& all, RowGiven given, RankContext& ctx) {
  const int rank = ctx.tp.rank(), t = ctx.tp.size();
  const bool has_bias = !given.bias_on_one || rank == 0;
  const Tensor x = upload(all.x, cut_of_x(all, rank, t, given), ctx);  // [T,D/t] or [T,D]
  const RowShard shard{.weight = upload(all.weight, columns_part(all.weight, rank, t), ctx),
                       .bias = has_bias ? upload(all.bias, all_of(all.bias), ctx) : Tensor()};
  const Tensor y(ctx.device, {kLinearTokens, kWholeSide});
  ctx.begin_window();
  touch({x}, ctx);
  {
    const auto scope = ctx.scope({.phase = Phase::forward});
    forward(y, x, shard, ctx);
  }
  touch({y}, ctx);
  ctx.end_window();
  HeldTensors held = {{"y", y}, {"x", x}, {"weight", shard.weight}};
  if (has_bias) held.emplace_back("bias", shard.bias);
  return held;
}

// One all-reduce of y, and of memory no more than what is given and allowed.
std::vector<Budget> budgets(int t, RowGiven given) {
  const Collectives sums{.kind = OpKind::all_reduce, .axis = "tp"};
  const Index T = kLinearTokens, F = kWholeSide, share = kSplitShare;
  const Index x = given.whole_x ? T * share * t + T * share : T * share;
  const auto bytes = [=](int rank) {
    const Index bias = !given.bias_on_one || rank % t == 0 ? F : 0;
    return 4.0 * static_cast<double>(T * F + x + F * share + bias);
  };
  return {calls_of(sums, 1), bytes_of(sums, 4 * T * F), no_calls_but(sums), bytes_held(bytes)};
}

DeviceCase make_case(RowForward forward, Data data, std::uint64_t seed, GridShape grid,
                     RowGiven given) {
  const int t = grid.tp;
  const auto numbers = [=](int rank) { return row_numbers(data, seed, grid, rank / t); };
  return {.name = text(words_of(grid), ", D=", kSplitShare * t, ", ", words_of(data)),
          .grid = grid,
          .program = [=](RankContext& ctx) { return run(forward, numbers(ctx.rank), given, ctx); },
          .want = [=](int rank) { return want(numbers(rank), rank % t, t, given, is_exact(data)); },
          .budgets = budgets(t, given),
          .explain =
              [=](int rank, const std::string& name, std::size_t, double got) {
                return data == Data::who && name == "y" ? terms_in(got, digits(grid, rank)) : "";
              }};
}

}  // namespace

std::vector<DeviceCase> row_cases(RowForward forward, std::uint64_t seed, RowGiven given) {
  return cases_on(usual_grids(), [&](Data data, const GridShape& grid) {
    return make_case(forward, data, seed, grid, given);
  });
}

}  // namespace shardpipe
