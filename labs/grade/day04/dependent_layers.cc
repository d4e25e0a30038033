// How day04_dependent_layers is graded: layers that multiply by a matrix, another one on each rank.
#include "exercises/day04_communication/day04_dependent_layers.h"

#include <cmath>

#include "labs/grade/budgets.h"
#include "labs/grade/graded_exercises.h"
#include "labs/grade/groups.h"
#include "labs/grade/oracle.h"

namespace shardpipe {
namespace {

constexpr Index T = 3, D = 5;
constexpr int kLayers = 3, kMicrobatches = 2;

// Of one tensor-parallel group.
struct LayerNumbers {
  std::vector<std::vector<Table>> weights;  // by layer and rank: [D,D], term = x weight
  std::vector<Table> inputs;                // by micro-batch: [T,D]
};

// who: rank r's term of layer 0 is 8^r for an input of 1; of the other layers it is the input on
// rank 0 and 0 elsewhere. where: one rank hands its input on, another one in each layer.
Table weight_of(Data data, std::uint64_t seed, const GridShape& grid, int group, int layer,
                int rank) {
  const double factor = data == Data::who && layer == 0 ? digit(grid, group, rank)
                        : data == Data::who             ? (rank == 0 ? 1 : 0)
                                                        : (rank == layer % grid.tp ? 1 : 0);
  if (data == Data::who || data == Data::where)
    return {D, D, [=](Index i, Index j) { return i == j ? factor : 0; }};
  return {D, D, [=](Index i, Index j) {
            const double x = number_of(data, seed, 100 * group + 10 * layer + rank, i * D + j);
            return is_exact(data) ? std::fmod(x, 2) : x;
          }};
}

LayerNumbers numbers_of(Data data, std::uint64_t seed, const GridShape& grid, int group) {
  LayerNumbers all;
  for (int layer = 0; layer < kLayers; ++layer) {
    all.weights.emplace_back();
    for (int rank = 0; rank < grid.tp; ++rank)
      all.weights.back().push_back(weight_of(data, seed, grid, group, layer, rank));
  }
  for (int m = 0; m < kMicrobatches; ++m)
    all.inputs.push_back({T, D, [=](Index i, Index j) {
                            if (data == Data::who) return m == 0 ? 1.0 : 0.0;
                            return number_of(data, seed, 100 * group + 90 + m, i * D + j);
                          }});
  return all;
}

std::string name_of(int layer, int microbatch) {
  return text("layer ", layer, ", micro-batch ", microbatch, ", output");
}

std::map<std::string, Wanted64> want(const LayerNumbers& all, bool exact) {
  const auto ranks = static_cast<double>(all.weights[0].size());
  std::map<std::string, Wanted64> out;
  for (int m = 0; m < kMicrobatches; ++m) {
    Table x = all.inputs[static_cast<std::size_t>(m)];
    out[text("input ", m)] = wanted(x, all_of(x), 0);
    for (int l = 0; l < kLayers; ++l) {
      Table y(T, D);
      for (const Table& weight : all.weights[static_cast<std::size_t>(l)])
        y = plus(y, product(x, weight));
      // Each layer: products and their sum, and the sum over ranks.
      out[name_of(l, m)] = wanted(y, all_of(y), exact ? 0 : (l + 1) * (D + ranks));
      x = y;
    }
  }
  return out;
}

HeldTensors run(const DependentLayersAnswer& answer, const LayerNumbers& all, RankContext& ctx) {
  std::vector<Tensor> inputs;
  for (const Table& x : all.inputs) inputs.push_back(upload(x, all_of(x), ctx));
  std::vector<std::vector<Tensor>> outputs;
  std::vector<LayerTerm> layers;
  for (const std::vector<Table>& by_rank : all.weights) {
    const Table& whole = by_rank[static_cast<std::size_t>(ctx.tp.rank())];
    const Tensor weight = upload(whole, all_of(whole), ctx);
    layers.push_back([=, &ctx](const Tensor& term, const Tensor& x) {
      ctx.math.gemm(term, x, Transpose::no, weight, Transpose::no, {}, ctx.compute);
    });
    outputs.emplace_back();
    for (int m = 0; m < kMicrobatches; ++m) outputs.back().emplace_back(ctx.device, Shape{T, D});
  }
  ctx.begin_window();
  touch(inputs, ctx);
  {
    const auto scope = ctx.scope({.phase = Phase::forward});
    answer.forward_layers(outputs, inputs, layers, ctx);
  }
  HeldTensors held;
  for (int l = 0; l < kLayers; ++l)
    for (int m = 0; m < kMicrobatches; ++m)
      held.emplace_back(name_of(l, m),
                        outputs[static_cast<std::size_t>(l)][static_cast<std::size_t>(m)]);
  for (int m = 0; m < kMicrobatches; ++m)
    held.emplace_back(text("input ", m), inputs[static_cast<std::size_t>(m)]);
  for (const auto& [name, tensor] : held) touch({tensor}, ctx);
  ctx.end_window();
  return held;
}

// A launch a layer, of the outputs of all micro-batches; no memory but what is given.
std::vector<Budget> budgets() {
  const Collectives sums{.kind = OpKind::all_reduce};
  const Index outputs = kLayers * kMicrobatches * T * D;
  const Index held = outputs + kMicrobatches * T * D + kLayers * D * D;
  return {calls_of(sums, kLayers), bytes_of(sums, 4 * outputs), no_calls_but(sums),
          bytes_held([=](int) { return 4.0 * static_cast<double>(held); })};
}

std::string explain(const GridShape& grid, int rank, const std::string& name, double got) {
  const bool has_digits = name.find("micro-batch 0") != std::string::npos;
  return has_digits ? terms_in(got, digits(grid, rank, false)) : "";
}

DeviceCase make_case(const DependentLayersAnswer& answer, Data data, std::uint64_t seed,
                     GridShape grid) {
  const auto numbers = [=](int rank) { return numbers_of(data, seed, grid, rank / grid.tp); };
  return {
      .name = text(words_of(grid), ", L=", kLayers, ", M=", kMicrobatches, ", ", words_of(data)),
      .grid = grid,
      .program = [=](RankContext& ctx) { return run(answer, numbers(ctx.rank), ctx); },
      .want = [=](int rank) { return want(numbers(rank), is_exact(data)); },
      .budgets = budgets(),
      .explain =
          [=](int rank, const std::string& name, std::size_t, double got) {
            return data == Data::who ? explain(grid, rank, name, got) : "";
          }};
}

std::vector<DeviceCase> cases_of(const DependentLayersAnswer& answer, std::uint64_t seed) {
  return cases_on(usual_grids(), [&](Data data, const GridShape& grid) {
    return make_case(answer, data, seed, grid);
  });
}

}  // namespace

std::unique_ptr<Graded> graded_dependent_layers() {
  return make_graded(cases_of, &DependentLayersAnswer::forward_layers);
}

}  // namespace shardpipe
