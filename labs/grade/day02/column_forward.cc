// How day02_column_forward is graded.
#include "exercises/day02_linear/day02_column_forward.h"

#include "labs/grade/budgets.h"
#include "labs/grade/day02/linear_numbers.h"
#include "labs/grade/graded_exercises.h"
#include "labs/grade/groups.h"

namespace shardpipe {
namespace {

HeldTensors run(const ColumnForwardAnswer& answer, const LinearNumbers& all, RankContext& ctx) {
  const Tensor x = upload(all.x, all_of(all.x), ctx);                 // [T,D]
  const Tensor weight = upload(all.weight, all_of(all.weight), ctx);  // [F,D]
  const Tensor bias = upload(all.bias, all_of(all.bias), ctx);        // [F]
  const ColumnShard shard{.weight = Tensor(ctx.device, {kSplitShare, kWholeSide}),
                          .bias = Tensor(ctx.device, {kSplitShare})};
  const Tensor y(ctx.device, {kLinearTokens, kSplitShare});  // [T,F/t]
  ctx.begin_window();
  touch({weight, bias}, ctx);
  answer.cut_columns(shard, weight, bias, ctx);
  touch({shard.weight, shard.bias, x}, ctx);
  {
    const auto scope = ctx.scope({.phase = Phase::forward});
    answer.column_forward(y, x, shard, ctx);
  }
  touch({y}, ctx);
  ctx.end_window();
  return {{"shard.weight", shard.weight},
          {"shard.bias", shard.bias},
          {"y", y},
          {"x", x},
          {"weight", weight},
          {"bias", bias}};
}

std::map<std::string, Wanted64> want(const LinearNumbers& all, int rank, int t, bool exact) {
  const Table y = all.y();
  const double roundings = exact ? 0 : kWholeSide + 1;  // D products and their sum, the bias
  return {{"shard.weight", wanted(all.weight, rows_part(all.weight, rank, t), 0)},
          {"shard.bias", wanted(all.bias, columns_part(all.bias, rank, t), 0)},
          {"y", wanted(y, columns_part(y, rank, t), roundings)},
          {"x", wanted(all.x, all_of(all.x), 0)},
          {"weight", wanted(all.weight, all_of(all.weight), 0)},
          {"bias", wanted(all.bias, all_of(all.bias), 0)}};
}

// Nothing is sent, and no memory but what is given.
std::vector<Budget> budgets(int t) {
  const Index T = kLinearTokens, D = kWholeSide, share = kSplitShare, F = share * t;
  const Index given = T * D + F * D + F + share * D + share + T * share;
  return {no_collectives(), exchanges([](int) { return 0.0; }),
          bytes_held([=](int) { return 4.0 * static_cast<double>(given); })};
}

// Under Data::who every output of rank r is 8^r and the bias.
std::vector<Term> own_digit(const GridShape& grid, int rank) {
  std::vector<Term> terms = digits(grid, rank);
  for (int r = 0; r < grid.ranks(); ++r) terms[static_cast<std::size_t>(r)].wanted = r == rank;
  return terms;
}

DeviceCase make_case(const ColumnForwardAnswer& answer, Data data, std::uint64_t seed,
                     GridShape grid) {
  const int t = grid.tp;
  const auto numbers = [=](int rank) { return column_numbers(data, seed, grid, rank / t); };
  return {.name = text(words_of(grid), ", F=", kSplitShare * t, ", ", words_of(data)),
          .grid = grid,
          .program = [=](RankContext& ctx) { return run(answer, numbers(ctx.rank), ctx); },
          .want = [=](int rank) { return want(numbers(rank), rank % t, t, is_exact(data)); },
          .budgets = budgets(t),
          .explain =
              [=](int rank, const std::string& name, std::size_t, double got) {
                return data == Data::who && name == "y" ? terms_in(got, own_digit(grid, rank)) : "";
              }};
}

std::vector<DeviceCase> cases_of(const ColumnForwardAnswer& answer, std::uint64_t seed) {
  return cases_on(usual_grids(), [&](Data data, const GridShape& grid) {
    return make_case(answer, data, seed, grid);
  });
}

}  // namespace

std::unique_ptr<Graded> graded_column_forward() {
  return make_graded(cases_of, &ColumnForwardAnswer::cut_columns,
                     &ColumnForwardAnswer::column_forward);
}

}  // namespace shardpipe
