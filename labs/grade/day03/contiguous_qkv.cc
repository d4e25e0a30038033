// How day03_contiguous_qkv is graded.
#include "exercises/day03_block/day03_contiguous_qkv.h"

#include "labs/grade/budgets.h"
#include "labs/grade/data.h"
#include "labs/grade/day03/qkv_rows.h"
#include "labs/grade/graded_exercises.h"
#include "labs/grade/groups.h"
#include "labs/grade/oracle.h"

namespace shardpipe {
namespace {

constexpr Index kFeatures = 7;  // D

struct Whole {
  Table weight, bias;  // [(H + 2K) C,D] [1,(H + 2K) C]
};

// where: row i of the weight holds i D + 1, i D + 2, ..., so a number says which row it is of.
Whole whole_of(Data data, std::uint64_t seed, const QkvSizes& sizes) {
  const Index rows = rows_of_all(sizes);
  return {{rows, kFeatures,
           [=](Index i, Index d) { return number_of(data, seed, 0, i * kFeatures + d); }},
          {1, rows, [=](Index, Index i) { return number_of(data, seed, 1, i); }}};
}

Whole part_of(const Whole& whole, const QkvSizes& sizes, Index rank) {
  const std::vector<Index> rows = right_rows_of_rank(sizes, rank);
  Whole part = {{static_cast<Index>(rows.size()), kFeatures}, {1, static_cast<Index>(rows.size())}};
  for (Index i = 0; i < part.weight.rows; ++i) {
    const Index row = rows[static_cast<std::size_t>(i)];
    for (Index d = 0; d < kFeatures; ++d) part.weight(i, d) = whole.weight(row, d);
    part.bias(0, i) = whole.bias(0, row);
  }
  return part;
}

HeldTensors run(const ContiguousQkvAnswer& answer, const Whole& all, const QkvSizes& sizes,
                RankContext& ctx) {
  const Tensor whole_weight = upload(all.weight, all_of(all.weight), ctx);
  const Tensor whole_bias = upload(all.bias, all_of(all.bias), ctx);
  const Index own = rows_of_all(sizes) / sizes.ranks;
  const Tensor weight(ctx.device, {own, kFeatures}), bias(ctx.device, {own});
  ctx.begin_window();
  touch({whole_weight, whole_bias}, ctx);
  answer.load_qkv(weight, bias, whole_weight, whole_bias, sizes, ctx);
  touch({weight, bias}, ctx);
  ctx.end_window();
  return {{"weight", weight},
          {"bias", bias},
          {"whole weight", whole_weight},
          {"whole bias", whole_bias}};
}

std::map<std::string, Wanted64> want(const Whole& all, const QkvSizes& sizes, Index rank) {
  const Whole part = part_of(all, sizes, rank);
  return {{"weight", wanted(part.weight, all_of(part.weight), 0)},
          {"bias", wanted(part.bias, all_of(part.bias), 0)},
          {"whole weight", wanted(all.weight, all_of(all.weight), 0)},
          {"whole bias", wanted(all.bias, all_of(all.bias), 0)}};
}

// Nothing is sent, and there is no memory but what is given.
std::vector<Budget> budgets(const QkvSizes& sizes) {
  const Index rows = rows_of_all(sizes) + rows_of_all(sizes) / sizes.ranks;
  const double given = 4.0 * static_cast<double>(rows * (kFeatures + 1));
  return {no_collectives(), bytes_held([=](int) { return given; })};
}

DeviceCase make_case(const ContiguousQkvAnswer& answer, Data data, std::uint64_t seed,
                     GridShape grid, const QkvSizes& sizes) {
  const Whole all = whole_of(data, seed, sizes);
  return {
      .name =
          text(words_of(sizes), grid.dp > 1 ? text(", dp=", grid.dp) : "", ", ", words_of(data)),
      .grid = grid,
      .program = [=](RankContext& ctx) { return run(answer, all, sizes, ctx); },
      .want = [=](int rank) { return want(all, sizes, rank % grid.tp); },
      .budgets = budgets(sizes),
      .explain =
          [=](int, const std::string& name, std::size_t, double got) {
            const bool is_place = data == Data::where && got >= 1 && got == std::floor(got);
            if (!is_place || (name != "weight" && name != "bias")) return std::string();
            const auto place = static_cast<Index>(got) - 1;
            return "that is of " + words_of_row(sizes, name == "bias" ? place : place / kFeatures);
          }};
}

std::vector<DeviceCase> cases_of(const ContiguousQkvAnswer& answer, std::uint64_t seed) {
  std::vector<DeviceCase> cases;
  for (const QkvSizes& sizes : {QkvSizes{.heads = 6, .kv_heads = 6, .head_size = 2, .ranks = 3},
                                QkvSizes{.heads = 20, .kv_heads = 10, .head_size = 3, .ranks = 5}})
    for (const Data data : {Data::where, Data::integers, Data::reals})
      cases.push_back(
          make_case(answer, data, seed,
                    {.tp = static_cast<int>(sizes.ranks), .dp = sizes.ranks == 3 ? 2 : 1}, sizes));
  return cases;
}

}  // namespace

std::unique_ptr<Graded> graded_contiguous_qkv() {
  return make_graded(cases_of, &ContiguousQkvAnswer::load_qkv);
}

}  // namespace shardpipe
