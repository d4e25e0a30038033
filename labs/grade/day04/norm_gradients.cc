// How day04_norm_gradients is graded. The norm's mean and root are given, so that integers stay
// integers: no norm has to be computed.
#include "exercises/day04_communication/day04_norm_gradients.h"

#include "labs/grade/budgets.h"
#include "labs/grade/day04/calls.h"
#include "labs/grade/graded_exercises.h"
#include "labs/grade/groups.h"
#include "labs/grade/oracle.h"

namespace shardpipe {
namespace {

constexpr Index kOwn = 2, D = 7, kShard = 3;  // T = t kOwn, F = t kShard
constexpr int kMicrobatches = 3;

// Of one tensor-parallel group.
struct MicrobatchNumbers {
  Table x, stats, normed, dnormed, dhidden, dy;  // [T,D] [T,2] [T,D] [T,D] [T,F] [T,D]
};

// who: the gradients of norm and bias get 8^r from the first token of rank r, in the first micro-
// batch.
MicrobatchNumbers numbers_of(Data data, std::uint64_t seed, const GridShape& grid, int group,
                             int microbatch) {
  const Index T = kOwn * grid.tp, F = kShard * grid.tp;
  const Data kind = data == Data::who ? Data::integers : data;
  const auto random = [=](int tensor, Index columns) {
    const int stream = 100 * group + 10 * microbatch + tensor;
    return [=](Index i, Index j) { return number_of(kind, seed, stream, i * columns + j); };
  };
  MicrobatchNumbers all{{T, D, random(0, D)}, {T, 2, random(1, 2)}, {T, D, random(2, D)},
                        {T, D, random(3, D)}, {T, F, random(4, F)}, {T, D, random(5, D)}};
  if (data != Data::who) return all;
  const auto whose = [=](Index i, Index) {
    return microbatch == 0 && i % kOwn == 0 ? digit(grid, group, i / kOwn) : 0;
  };
  all.x = {T, D, [](Index, Index) { return 1; }};
  all.stats = {T, 2, [](Index, Index j) { return j; }};  // mean 0, root 1
  all.dnormed = {T, D, whose};
  all.dy = {T, D, whose};
  return all;
}

std::vector<MicrobatchNumbers> step_of(Data data, std::uint64_t seed, const GridShape& grid,
                                       int group) {
  std::vector<MicrobatchNumbers> all;
  for (int m = 0; m < kMicrobatches; ++m) all.push_back(numbers_of(data, seed, grid, group, m));
  return all;
}

// dy (x - mean) / root.
Table by_normed(const MicrobatchNumbers& m) {
  Table out = m.dnormed;
  for (Index i = 0; i < out.rows; ++i)
    for (Index j = 0; j < out.columns; ++j) {
      const Sized mean = m.stats(i, 0),
                  distance{m.x(i, j).value - mean.value, m.x(i, j).size + mean.size};
      out(i, j) = out(i, j) * distance * m.stats(i, 1);
    }
  return out;
}

std::map<std::string, Wanted64> want(const std::vector<MicrobatchNumbers>& step, int rank, int t,
                                     bool exact) {
  Table scale(1, D), shift(1, D), weight(kShard * t, D), bias(1, D);
  for (const MicrobatchNumbers& m : step) {
    scale = plus(scale, column_sums(by_normed(m)));
    shift = plus(shift, column_sums(m.dnormed));
    weight = plus(weight, product(transposed(m.dhidden), m.normed));
    bias = plus(bias, column_sums(m.dy));
  }
  // A sum over the tokens of all micro-batches and ranks, of products of three.
  const double n = exact ? 0 : static_cast<double>(kMicrobatches * (kOwn + 1) * t + t + 3);
  return {{"gradient of norm_scale", wanted(scale, all_of(scale), n)},
          {"gradient of norm_shift", wanted(shift, all_of(shift), n)},
          {"gradient of weight", wanted(weight, rows_part(weight, rank, t), n)},
          {"gradient of bias", wanted(bias, all_of(bias), n)}};
}

HeldTensors run(const NormGradientsAnswer& answer, const std::vector<MicrobatchNumbers>& step,
                RankContext& ctx) {
  const int rank = ctx.tp.rank(), t = ctx.tp.size();
  std::vector<LeftOfMicrobatch> left;
  for (const MicrobatchNumbers& m : step) {
    const auto own = [&](const Table& a) { return upload(a, rows_part(a, rank, t), ctx); };
    left.push_back({.x = own(m.x),
                    .stats = own(m.stats),
                    .normed = own(m.normed),
                    .dnormed = own(m.dnormed),
                    .dhidden = upload(m.dhidden, columns_part(m.dhidden, rank, t), ctx),
                    .dy_all = upload(m.dy, all_of(m.dy), ctx)});
  }
  const auto zeros = [&](const Shape& shape) {
    const Tensor x(ctx.device, shape);
    ctx.math.fill(x, 0, ctx.compute);
    return x;
  };
  const StepGradients g{zeros({D}), zeros({D}), zeros({kShard, D}), zeros({D})};
  ctx.begin_window();
  for (const LeftOfMicrobatch& m : left) touch({m.normed, m.dnormed, m.dy_all}, ctx);
  {
    const auto scope = ctx.scope({.phase = Phase::backward_weight});
    answer.step_gradients(g, left, ctx);
  }
  touch({g.norm_scale, g.norm_shift, g.weight, g.bias}, ctx);
  ctx.end_window();
  return {{"gradient of norm_scale", g.norm_scale},
          {"gradient of norm_shift", g.norm_shift},
          {"gradient of weight", g.weight},
          {"gradient of bias", g.bias}};
}

std::vector<Budget> budgets(int t) {
  const Index T = kOwn * t;
  const Collectives gathers{.kind = OpKind::all_gather}, sums{.kind = OpKind::all_reduce};
  const Index left = 3 * kOwn * D + kOwn * 2 + T * kShard + T * D;
  const Index held = kMicrobatches * left + 3 * D + kShard * D + T * D;
  return {calls_of(gathers, kMicrobatches),
          bytes_of(gathers, kMicrobatches * 4 * T * D),
          bytes_of(sums, 4 * 2 * D),
          calls_at_most(sums, 2),
          no_calls_but_those_of("tp", {OpKind::all_gather, OpKind::all_reduce}),
          bytes_held([=](int) { return 4.0 * static_cast<double>(held); })};
}

std::string explain(const GridShape& grid, int rank, const std::string& name, double got) {
  return name == "gradient of weight" ? "" : terms_in(got, digits(grid, rank, false));
}

DeviceCase make_case(const NormGradientsAnswer& answer, Data data, std::uint64_t seed,
                     GridShape grid) {
  const auto step = [=](int rank) { return step_of(data, seed, grid, rank / grid.tp); };
  return {
      .name = text(words_of(grid), ", ", kMicrobatches, " micro-batches, ", words_of(data)),
      .grid = grid,
      .program = [=](RankContext& ctx) { return run(answer, step(ctx.rank), ctx); },
      .want = [=](int rank) { return want(step(rank), rank % grid.tp, grid.tp, is_exact(data)); },
      .budgets = budgets(grid.tp),
      .explain =
          [=](int rank, const std::string& name, std::size_t, double got) {
            return data == Data::who ? explain(grid, rank, name, got) : "";
          }};
}

std::vector<DeviceCase> cases_of(const NormGradientsAnswer& answer, std::uint64_t seed) {
  return cases_on(usual_grids(), [&](Data data, const GridShape& grid) {
    return make_case(answer, data, seed, grid);
  });
}

}  // namespace

std::unique_ptr<Graded> graded_norm_gradients() {
  return make_graded(cases_of, &NormGradientsAnswer::step_gradients);
}

}  // namespace shardpipe
