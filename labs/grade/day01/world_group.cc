// How day01_world_group is graded: on grids of more than one axis, every rank brings its own digit.
#include "exercises/day01_collectives/day01_world_group.h"

#include <cmath>

#include "labs/grade/budgets.h"
#include "labs/grade/data.h"
#include "labs/grade/graded_exercises.h"

namespace shardpipe {
namespace {

constexpr Index kOutputs = 6, kWeights = 5;

std::string words_of(const GridShape& grid) {
  return text("tp = ", grid.tp, ", pp = ", grid.pp, ", dp = ", grid.dp);
}

// The sum over a group; g has other numbers than y.
Wanted64 sum_over(const std::vector<int>& ranks, Data data, std::uint64_t seed, Index count) {
  Wanted64 sum;
  double largest = 0;
  for (Index i = 0; i < count; ++i) {
    double total = 0, magnitude = 0;
    for (const int r : ranks) {
      total += number_of(data, seed, r, i);
      magnitude += std::abs(number_of(data, seed, r, i));
    }
    sum.values.push_back(total);
    largest = std::max(largest, magnitude);
  }
  // That many terms, each of which was rounded to float: Higham, section 3.1.
  if (!is_exact(data))
    sum.bound = std::ldexp(1, -24) * static_cast<double>(ranks.size() + 1) * largest;
  return sum;
}

// What a number is made of, and whom it should be made of.
std::string explain(const ProcessGrid& grid, int rank, const std::string& name, double got) {
  const std::vector<int> wanted = grid.group_of(rank, name == "y" ? Axis::tp : Axis::dp);
  std::vector<Term> terms;
  for (int r = 0; r < grid.shape().ranks(); ++r)
    terms.push_back({text("rank ", r), std::find(wanted.begin(), wanted.end(), r) != wanted.end()});
  return terms_in(got, terms);
}

HeldTensors run(const WorldGroupAnswer& answer, Data data, std::uint64_t seed, RankContext& ctx) {
  const Tensor y(ctx.device, {kOutputs}), g(ctx.device, {kWeights});
  ctx.math.upload(y, numbers_of(data, seed, ctx.rank, kOutputs), ctx.compute);
  ctx.math.upload(g, numbers_of(data, seed + 1, ctx.rank, kWeights), ctx.compute);
  ctx.begin_window();
  answer.sum_up(y, g, ctx);
  ctx.end_window();
  return {{"y", y}, {"g", g}};
}

std::vector<Budget> budgets() {
  const Collectives of_y{.axis = "tp"}, of_g{.axis = "dp"};
  return {calls_of(of_y, 1), bytes_of(of_y, 4 * kOutputs), calls_of(of_g, 1),
          bytes_of(of_g, 4 * kWeights)};
}

DeviceCase make_case(const WorldGroupAnswer& answer, Data data, std::uint64_t seed,
                     const GridShape& shape) {
  const ProcessGrid grid(shape, kDefaultOrder);
  return {.name = text(words_of(shape), ", ", words_of(data)),
          .grid = shape,
          .program = [=](RankContext& ctx) { return run(answer, data, seed, ctx); },
          .want =
              [=](int rank) {
                return std::map<std::string, Wanted64>{
                    {"y", sum_over(grid.group_of(rank, Axis::tp), data, seed, kOutputs)},
                    {"g", sum_over(grid.group_of(rank, Axis::dp), data, seed + 1, kWeights)}};
              },
          .budgets = budgets(),
          .explain =
              [=](int rank, const std::string& name, std::size_t, double got) {
                return data == Data::who ? explain(grid, rank, name, got) : "";
              }};
}

std::vector<DeviceCase> cases_of(const WorldGroupAnswer& answer, std::uint64_t seed) {
  std::vector<DeviceCase> cases;
  for (const GridShape& grid : {GridShape{.tp = 3, .dp = 2}, GridShape{.tp = 2, .pp = 2, .dp = 2},
                                GridShape{.tp = 2, .dp = 3}})
    for (const Data data : {Data::who, Data::where, Data::integers, Data::reals})
      cases.push_back(make_case(answer, data, seed, grid));
  return cases;
}

}  // namespace

std::unique_ptr<Graded> graded_world_group() {
  return make_graded(cases_of, &WorldGroupAnswer::sum_up);
}

}  // namespace shardpipe
