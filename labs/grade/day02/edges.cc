// How day02_edges is graded: both layers in one program, on numbers of their own.
#include "exercises/day02_linear/day02_edges.h"

#include "labs/grade/budgets.h"
#include "labs/grade/day02/linear_numbers.h"
#include "labs/grade/graded_exercises.h"
#include "labs/grade/groups.h"

namespace shardpipe {
namespace {

// Of one tensor-parallel group: the gathered layer [T,D] -> [T,t share] and the split one [T,t
// share] -> [T,F].
struct EdgeNumbers {
  LinearNumbers gathered, split;
};

// What a rank holds of one of them.
struct LayerTensors {
  Tensor x, dy;         // [T,D] [T,F]
  Tensor weight, bias;  // its shard
  Tensor y, dx, part;   // written by the answer; part: dy_part or x_part
};

LayerTensors made(const LinearNumbers& all, Cut weight, Cut bias, RankContext& ctx) {
  const Tensor x = upload(all.x, all_of(all.x), ctx), dy = upload(all.dy, all_of(all.dy), ctx);
  return {.x = x,
          .dy = dy,
          .weight = upload(all.weight, weight, ctx),
          .bias = upload(all.bias, bias, ctx),
          .y = Tensor(ctx.device, dy.shape()),
          .dx = Tensor(ctx.device, x.shape()),
          .part = Tensor(ctx.device, {kLinearTokens, kSplitShare})};
}

void run_gathered(const EdgesAnswer& answer, const LayerTensors& l, RankContext& ctx) {
  const ColumnShard shard{.weight = l.weight, .bias = l.bias};
  touch({l.x}, ctx);
  {
    const auto scope = ctx.scope({.phase = Phase::forward});
    answer.gathered_forward(l.y, l.x, shard, ctx);
  }
  touch({l.y, l.dy}, ctx);
  {
    const auto scope = ctx.scope({.phase = Phase::backward_input});
    answer.gathered_backward(l.dx, l.part, l.dy, shard, ctx);
  }
  touch({l.dx, l.part}, ctx);
}

void run_split(const EdgesAnswer& answer, const LayerTensors& l, RankContext& ctx) {
  const RowShard shard{.weight = l.weight, .bias = l.bias};
  touch({l.x}, ctx);
  {
    const auto scope = ctx.scope({.phase = Phase::forward});
    answer.split_forward(l.y, l.part, l.x, shard, ctx);
  }
  touch({l.y, l.part, l.dy}, ctx);
  {
    const auto scope = ctx.scope({.phase = Phase::backward_input});
    answer.split_backward(l.dx, l.dy, shard, ctx);
  }
  touch({l.dx}, ctx);
}

HeldTensors run(const EdgesAnswer& answer, const EdgeNumbers& all, RankContext& ctx) {
  const int rank = ctx.tp.rank(), t = ctx.tp.size();
  const LinearNumbers &g = all.gathered, &s = all.split;
  const LayerTensors gathered =
      made(g, rows_part(g.weight, rank, t), columns_part(g.bias, rank, t), ctx);
  const LayerTensors split = made(s, columns_part(s.weight, rank, t), all_of(s.bias), ctx);
  ctx.begin_window();
  run_gathered(answer, gathered, ctx);
  run_split(answer, split, ctx);
  ctx.end_window();
  HeldTensors held;
  const auto add = [&](const std::string& layer, const char* part, const LayerTensors& l) {
    for (const auto& [name, tensor] : HeldTensors{{"y", l.y},
                                                  {part, l.part},
                                                  {"dx", l.dx},
                                                  {"x", l.x},
                                                  {"dy", l.dy},
                                                  {"weight", l.weight},
                                                  {"bias", l.bias}})
      held.emplace_back(text(layer, " ", name), tensor);
  };
  add("gathered", "dy_part", gathered);
  add("split", "x_part", split);
  return held;
}

using AllWanted = std::map<std::string, Wanted64>;

AllWanted want(const EdgeNumbers& all, int rank, int t, bool exact) {
  AllWanted out;
  const auto add = [&](const char* name, const Table& table, Cut cut, Index roundings) {
    out[name] = wanted(table, cut, exact ? 0 : static_cast<double>(roundings));
  };
  const auto whole = [&](const char* name, const Table& table, Index roundings) {
    add(name, table, all_of(table), roundings);
  };
  const LinearNumbers &g = all.gathered, &s = all.split;
  const Index D = kWholeSide, split = kSplitShare * t;
  whole("gathered y", g.y(), D + 1);        // D products and their sum, the bias
  whole("gathered dx", g.dx(), split + t);  // a sum over outputs, and over ranks
  add("gathered dy_part", g.dy, columns_part(g.dy, rank, t), 0);
  whole("gathered x", g.x, 0);
  whole("gathered dy", g.dy, 0);
  add("gathered weight", g.weight, rows_part(g.weight, rank, t), 0);
  add("gathered bias", g.bias, columns_part(g.bias, rank, t), 0);
  whole("split y", s.y(), split + t + 1);
  whole("split dx", s.dx(), kWholeSide);
  add("split x_part", s.x, columns_part(s.x, rank, t), 0);
  whole("split x", s.x, 0);
  whole("split dy", s.dy, 0);
  add("split weight", s.weight, columns_part(s.weight, rank, t), 0);
  whole("split bias", s.bias, 0);
  return out;
}

// Forward the output is gathered, or summed; backward the gradient of the input is summed, or
// gathered. Beside what is given: a rank's part of a tensor, and all parts of it.
std::vector<Budget> budgets(int t) {
  const Index T = kLinearTokens, whole = kWholeSide, share = kSplitShare, split = share * t;
  const auto of = [](OpKind kind, Phase phase) { return Collectives{kind, "tp", phase}; };
  const Collectives gathers_y = of(OpKind::all_gather, Phase::forward),
                    sums_y = of(OpKind::all_reduce, Phase::forward),
                    gathers_dx = of(OpKind::all_gather, Phase::backward_input),
                    sums_dx = of(OpKind::all_reduce, Phase::backward_input);
  std::vector<Budget> all;
  const auto once = [&](const Collectives& these, Index numbers) {
    all.push_back(calls_of(these, 1));
    all.push_back(bytes_of(these, 4 * numbers));
  };
  once(gathers_y, T * split);
  once(sums_y, T * whole);
  once(gathers_dx, T * split);
  once(sums_dx, T * whole);
  all.push_back(no_calls_but(std::vector{gathers_y, sums_y, gathers_dx, sums_dx}));
  const Index of_layer = 2 * T * (whole + split) + T * share + whole * share;
  const Index given = 2 * of_layer + share + whole;  // and the biases
  all.push_back(
      bytes_held([=](int) { return 4.0 * static_cast<double>(given + T * share + T * split); }));
  return all;
}

std::string explain(const GridShape& grid, int rank, const std::string& name, double got) {
  if (name == "gathered dx") return terms_in(got, digits(grid, rank, false));
  if (name == "split y") return terms_in(got, digits(grid, rank));
  return "";
}

DeviceCase make_case(const EdgesAnswer& answer, Data data, std::uint64_t seed, GridShape grid) {
  const int t = grid.tp;
  const auto numbers = [=](int rank) {
    return EdgeNumbers{column_numbers(data, seed, grid, rank / t),
                       row_numbers(data, seed + 1, grid, rank / t)};
  };
  return {.name = text(words_of(grid), ", ", kSplitShare * t, " features split, ", words_of(data)),
          .grid = grid,
          .program = [=](RankContext& ctx) { return run(answer, numbers(ctx.rank), ctx); },
          .want = [=](int rank) { return want(numbers(rank), rank % t, t, is_exact(data)); },
          .budgets = budgets(t),
          .explain =
              [=](int rank, const std::string& name, std::size_t, double got) {
                return data == Data::who ? explain(grid, rank, name, got) : "";
              }};
}

std::vector<DeviceCase> cases_of(const EdgesAnswer& answer, std::uint64_t seed) {
  return cases_on(usual_grids(), [&](Data data, const GridShape& grid) {
    return make_case(answer, data, seed, grid);
  });
}

}  // namespace

std::unique_ptr<Graded> graded_edges() {
  return make_graded(cases_of, &EdgesAnswer::gathered_forward, &EdgesAnswer::gathered_backward,
                     &EdgesAnswer::split_forward, &EdgesAnswer::split_backward);
}

}  // namespace shardpipe
