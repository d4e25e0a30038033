// How day02_mlp is graded.
#include "exercises/day02_linear/day02_mlp.h"

#include <memory>

#include "labs/grade/budgets.h"
#include "labs/grade/day02/mlp_numbers.h"
#include "labs/grade/graded_exercises.h"
#include "labs/grade/groups.h"

namespace shardpipe {
namespace {

MlpShard shard_of(const MlpTables& whole, RankContext& ctx) {
  const int rank = ctx.tp.rank(), t = ctx.tp.size();
  return {
      .fc1_weight = upload(whole.fc1_weight, rows_part(whole.fc1_weight, rank, t), ctx),
      .fc1_bias = upload(whole.fc1_bias, columns_part(whole.fc1_bias, rank, t), ctx),
      .fc2_weight = upload(whole.fc2_weight, columns_part(whole.fc2_weight, rank, t), ctx),
      .fc2_bias = upload(whole.fc2_bias, all_of(whole.fc2_bias), ctx),
  };
}

HeldTensors run(const MlpAnswer& answer, const MlpNumbers& all, RankContext& ctx) {
  const Tensor x = upload(all.x, all_of(all.x), ctx), dy = upload(all.dy, all_of(all.dy), ctx);
  const MlpShard weights = shard_of(all.weights, ctx), gradients = shard_of(all.earlier, ctx);
  const Shape outside = {kMlpTokens, kMlpFeatures}, inside = {kMlpTokens, kHiddenShard};
  const Tensor y(ctx.device, outside), dx(ctx.device, outside);
  const MlpState state{.pre = Tensor(ctx.device, inside),
                       .act = Tensor(ctx.device, inside),
                       .dpre = Tensor(ctx.device, inside)};
  ctx.begin_window();
  touch({x}, ctx);
  {
    const auto scope = ctx.scope({.phase = Phase::forward});
    answer.mlp_forward(y, x, weights, state, ctx);
  }
  touch({y, dy}, ctx);
  {
    const auto scope = ctx.scope({.phase = Phase::backward_input});
    answer.mlp_backward_input(dx, dy, weights, state, ctx);
  }
  touch({dx}, ctx);
  {
    const auto scope = ctx.scope({.phase = Phase::backward_weight});
    answer.mlp_backward_weight(gradients, x, dy, state, ctx);
  }
  touch({gradients.fc1_weight, gradients.fc1_bias, gradients.fc2_weight, gradients.fc2_bias}, ctx);
  ctx.end_window();
  return {{"pre", state.pre},
          {"act", state.act},
          {"y", y},
          {"dpre", state.dpre},
          {"dx", dx},
          {"gradient of fc1_weight", gradients.fc1_weight},
          {"gradient of fc1_bias", gradients.fc1_bias},
          {"gradient of fc2_weight", gradients.fc2_weight},
          {"gradient of fc2_bias", gradients.fc2_bias},
          {"x", x},
          {"dy", dy},
          {"fc1_weight", weights.fc1_weight},
          {"fc1_bias", weights.fc1_bias},
          {"fc2_weight", weights.fc2_weight},
          {"fc2_bias", weights.fc2_bias}};
}

using AllWanted = std::map<std::string, Wanted64>;

void add_shard(AllWanted& to, const std::string& prefix, const MlpTables& whole, int rank, int t,
               double roundings) {
  const auto add = [&](const char* name, const Table& table, Cut cut) {
    to[prefix + name] = wanted(table, cut, roundings);
  };
  add("fc1_weight", whole.fc1_weight, rows_part(whole.fc1_weight, rank, t));
  add("fc1_bias", whole.fc1_bias, columns_part(whole.fc1_bias, rank, t));
  add("fc2_weight", whole.fc2_weight, columns_part(whole.fc2_weight, rank, t));
  add("fc2_bias", whole.fc2_bias, all_of(whole.fc2_bias));
}

AllWanted want(const MlpNumbers& all, int rank, int t, bool exact) {
  const MlpResults results = mlp_results(all);
  const double roundings = exact ? 0 : mlp_roundings(t);
  AllWanted out;
  const auto add = [&](const char* name, const Table& table, Cut cut, double n) {
    out[name] = wanted(table, cut, n);
  };
  add("pre", results.pre, columns_part(results.pre, rank, t), roundings);
  add("act", results.act, columns_part(results.act, rank, t), roundings);
  add("y", results.y, all_of(results.y), roundings);
  add("dpre", results.dpre, columns_part(results.dpre, rank, t), roundings);
  add("dx", results.dx, all_of(results.dx), roundings);
  add_shard(out, "gradient of ", results.gradients, rank, t, roundings);
  add("x", all.x, all_of(all.x), 0);
  add("dy", all.dy, all_of(all.dy), 0);
  add_shard(out, "", all.weights, rank, t, 0);
  return out;
}

// One all-reduce of [T,D] forward and one backward; memory for one [T,F/t] beside what is given.
std::vector<Budget> budgets() {
  const Collectives sums{.kind = OpKind::all_reduce, .axis = "tp"};
  const Index T = kMlpTokens, D = kMlpFeatures, f = kHiddenShard;
  const Index given = 4 * T * D + 3 * T * f + 2 * (f * D + f + D * f + D);
  std::vector<Budget> all;
  for (const Phase phase : {Phase::forward, Phase::backward_input, Phase::backward_weight}) {
    const Collectives here{.kind = sums.kind, .axis = sums.axis, .phase = phase};
    const int calls = phase == Phase::backward_weight ? 0 : 1;
    all.push_back(calls_of(here, calls));
    all.push_back(bytes_of(here, calls * 4 * T * D));
  }
  all.push_back(no_calls_but(sums));
  all.push_back(bytes_held([=](int) { return 4.0 * static_cast<double>(given + T * f); }));
  return all;
}

std::string explain(const GridShape& grid, int rank, const std::string& name, double got) {
  if (name == "y") return terms_in(got / kWhoY, digits(grid, rank));
  if (name == "dx") return terms_in(got / kWhoDx, digits(grid, rank, false));
  return "";
}

DeviceCase make_case(const MlpAnswer& answer, Data data, std::uint64_t seed, GridShape grid) {
  const auto numbers = [=](int rank) { return mlp_numbers(data, seed, grid, rank / grid.tp); };
  std::vector<AllWanted> wanted;
  for (int rank = 0; rank < grid.ranks(); ++rank)
    wanted.push_back(want(numbers(rank), rank % grid.tp, grid.tp, is_exact(data)));
  return {.name = text(words_of(grid), ", F=", kHiddenShard * grid.tp, ", ", words_of(data)),
          .grid = grid,
          .program = [=](RankContext& ctx) { return run(answer, numbers(ctx.rank), ctx); },
          .want = [=](int rank) { return wanted[static_cast<std::size_t>(rank)]; },
          .budgets = budgets(),
          .explain =
              [=](int rank, const std::string& name, std::size_t, double got) {
                return data == Data::who ? explain(grid, rank, name, got) : "";
              }};
}

std::vector<DeviceCase> cases_of(const MlpAnswer& answer, std::uint64_t seed) {
  return cases_on(usual_grids(), [&](Data data, const GridShape& grid) {
    return make_case(answer, data, seed, grid);
  });
}

}  // namespace

std::unique_ptr<Graded> graded_mlp() {
  return make_graded(cases_of, &MlpAnswer::mlp_forward, &MlpAnswer::mlp_backward_input,
                     &MlpAnswer::mlp_backward_weight);
}

}  // namespace shardpipe
