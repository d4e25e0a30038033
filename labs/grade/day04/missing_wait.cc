// How day04_missing_wait is graded.
#include <algorithm>
#include "exercises/day04_communication/day04_missing_wait.h"

#include "labs/grade/day04/overlap.h"
#include "labs/grade/graded_exercises.h"
#include "labs/grade/groups.h"
#include "labs/grade/oracle.h"

namespace shardpipe {
namespace {

// T/t tokens and F/t outputs a rank.
struct Size {
  GridShape grid = {};
  int layers = 1;
  Index own_tokens = 1, inputs = 1, shard = 1;

  Index tokens() const { return own_tokens * grid.tp; }
};

// Whole, of one layer and one tensor-parallel group.
struct LayerTables {
  Table x, dy, earlier;  // [T,D] [T,F] [F,D]
};

// who: rank r's tokens are 8^r, and the first of each rank counts. where: output f sees token f
// alone, whose numbers are their places.
LayerTables tables_of(Data data, std::uint64_t seed, const Size& size, int group, int layer) {
  const Index T = size.tokens(), D = size.inputs, F = size.shard * size.grid.tp;
  const auto random = [=](int tensor) {
    return [=](Index i, Index j) {
      return number_of(data, seed, 100 * group + 10 * layer + tensor, i * 1000 + j);
    };
  };
  const auto nothing = [](Index, Index) { return 0; };
  switch (data) {
    case Data::who:
      return {{T, D, [&](Index i, Index) { return digit(size.grid, group, i / size.own_tokens); }},
              {T, F, [&](Index i, Index) { return i % size.own_tokens == 0 ? 1 : 0; }},
              {F, D, nothing}};
    case Data::where:
      return {{T, D, [&](Index i, Index j) { return 1000 * layer + i * D + j + 1; }},
              {T, F, [](Index i, Index f) { return i == f ? 1 : 0; }},
              {F, D, nothing}};
    case Data::integers:
    case Data::reals: break;
  }
  return {{T, D, random(0)}, {T, F, random(1)}, {F, D, random(2)}};
}

std::string name_of_layer(int layer) { return text("weight_grad of layer ", layer); }

std::map<std::string, Wanted64> want(Data data, std::uint64_t seed, const Size& size, int rank) {
  std::map<std::string, Wanted64> all;
  const int t = size.grid.tp;
  for (int layer = 0; layer < size.layers; ++layer) {
    const LayerTables of = tables_of(data, seed, size, rank / t, layer);
    const Table gradient = plus(product(transposed(of.dy), of.x), of.earlier);
    all[name_of_layer(layer)] = wanted(gradient, rows_part(gradient, rank % t, t),
                                       is_exact(data) ? 0 : static_cast<double>(of.x.rows + 1));
  }
  return all;
}

HeldTensors run(const MissingWaitAnswer& answer, Data data, std::uint64_t seed, const Size& size,
                RankContext& ctx) {
  const int rank = ctx.tp.rank(), t = ctx.tp.size();
  std::vector<KeptLayer> layers;
  std::vector<Tensor> inputs, gradients;
  HeldTensors held;
  for (int layer = 0; layer < size.layers; ++layer) {
    const LayerTables of = tables_of(data, seed, size, ctx.rank / t, layer);
    layers.push_back({.x = upload(of.x, rows_part(of.x, rank, t), ctx),
                      .dy = upload(of.dy, columns_part(of.dy, rank, t), ctx),
                      .weight_grad = upload(of.earlier, rows_part(of.earlier, rank, t), ctx)});
    inputs.push_back(layers.back().x);
    gradients.push_back(layers.back().weight_grad);
    held.push_back({name_of_layer(layer), layers.back().weight_grad});
  }
  ctx.begin_window();
  touch(inputs, ctx);
  {
    const auto scope = ctx.scope({.phase = Phase::backward_weight});
    answer.weight_gradients(layers, ctx);
  }
  touch(gradients, ctx);
  ctx.end_window();
  return held;
}

// When the last product ends: gather i+2 waits for product i, product i for gather i.
double best_ns(const Size& size) {
  const Index T = size.tokens(), D = size.inputs;
  const double gather = all_gather_ns(T * D, size.grid.tp), product = product_ns(size.shard, D, T);
  const double begin = size.layers * pass_ns(size.own_tokens * D);
  double gathered = begin, multiplied = begin, read[2] = {begin, begin};
  for (int i = 0; i < size.layers; ++i) {
    gathered = std::max(gathered, read[i % 2]) + gather;
    multiplied = std::max(multiplied, gathered) + product;
    read[i % 2] = multiplied;
  }
  return multiplied + size.layers * pass_ns(size.shard * D);
}

std::vector<Budget> budgets(const Size& size) {
  const Index T = size.tokens(), D = size.inputs, shard = size.shard;
  const Collectives gathers{.kind = OpKind::all_gather, .axis = "tp"};
  const Index given = size.layers * (size.own_tokens * D + T * shard + shard * D);
  return {calls_of(gathers, size.layers),
          bytes_of(gathers, 4 * size.layers * T * D),
          no_calls_but(gathers),
          no_collectives_beside_products(),
          about_as_fast_as(best_ns(size)),
          bytes_held([=](int) { return 4.0 * static_cast<double>(given + 2 * T * D); })};
}

DeviceCase make_case(const MissingWaitAnswer& answer, Data data, std::uint64_t seed,
                     const Size& size) {
  return {.name = text(words_of(size.grid), ", ", size.layers, " layers, ", words_of(data)),
          .grid = size.grid,
          .program = [=](RankContext& ctx) { return run(answer, data, seed, size, ctx); },
          .want = [=](int rank) { return want(data, seed, size, rank); },
          .budgets = budgets(size),
          .explain =
              [=](int rank, const std::string&, std::size_t, double got) {
                return data == Data::who ? terms_in(got, digits(size.grid, rank, false)) : "";
              }};
}

std::vector<DeviceCase> cases_of(const MissingWaitAnswer& answer, std::uint64_t seed) {
  std::vector<DeviceCase> cases;
  // Products longer than gathers, gathers longer than products.
  for (const Size& size : {Size{{.tp = 3, .dp = 2}, 5, 2, 7, 60}, Size{{.tp = 5}, 4, 3, 5, 12}})
    for (const Data data : {Data::who, Data::where, Data::integers, Data::reals})
      cases.push_back(make_case(answer, data, seed, size));
  return cases;
}

}  // namespace

std::unique_ptr<Graded> graded_missing_wait() {
  return make_graded(cases_of, &MissingWaitAnswer::weight_gradients);
}

}  // namespace shardpipe
