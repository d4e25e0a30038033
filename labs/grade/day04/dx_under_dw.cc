// How day04_dx_under_dw is graded.
#include <algorithm>
#include "exercises/day04_communication/day04_dx_under_dw.h"

#include "labs/grade/day04/overlap.h"
#include "labs/grade/graded_exercises.h"
#include "labs/grade/groups.h"
#include "labs/grade/oracle.h"

namespace shardpipe {
namespace {

// T tokens, D inputs, F/t outputs a rank.
struct Size {
  GridShape grid = {};
  Index tokens = 1, inputs = 1, shard = 1;
};

// Whole, of one tensor-parallel group.
struct ColumnTables {
  Table dy, x, weight, earlier;  // [T,F] [T,D] [F,D] [F,D]; earlier: what is in the gradient before
};

// who: rank r's term of dx is 8^r everywhere. where: row i of dy picks row i of the weight, whose
// numbers are their places.
ColumnTables tables_of(Data data, std::uint64_t seed, const Size& size, int group) {
  const Index T = size.tokens, D = size.inputs, shard = size.shard, F = shard * size.grid.tp;
  const auto random = [=](int tensor) {
    const Data kind = data == Data::reals ? data : Data::integers;
    return
        [=](Index i, Index j) { return number_of(kind, seed, 10 * group + tensor, i * 1000 + j); };
  };
  const Table x(T, D, random(0)), earlier(F, D, random(1));
  switch (data) {
    case Data::who:
      return {
          {T, F,
           [&](Index, Index f) { return f % shard == 0 ? digit(size.grid, group, f / shard) : 0; }},
          x,
          {F, D, [](Index, Index) { return 1; }},
          earlier};
    case Data::where:
      return {{T, F, [](Index i, Index f) { return i == f ? 1 : 0; }},
              x,
              {F, D, [&](Index f, Index d) { return f * D + d + 1; }},
              earlier};
    case Data::integers:
    case Data::reals: break;
  }
  return {{T, F, random(2)}, x, {F, D, random(3)}, earlier};
}

std::map<std::string, Wanted64> want(const ColumnTables& all, int rank, int t, bool exact) {
  const Table gradient = plus(product(transposed(all.dy), all.x), all.earlier);
  const Table dx = product(all.dy, all.weight);
  const auto sums = [=](Index terms) { return exact ? 0 : static_cast<double>(terms); };
  return {{"dx", wanted(dx, all_of(dx), sums(all.dy.columns + t))},
          {"weight_grad", wanted(gradient, rows_part(gradient, rank, t), sums(all.x.rows + 1))},
          {"dy", wanted(all.dy, columns_part(all.dy, rank, t), 0)},
          {"x", wanted(all.x, all_of(all.x), 0)},
          {"weight", wanted(all.weight, rows_part(all.weight, rank, t), 0)}};
}

HeldTensors run(const DxUnderDwAnswer& answer, const ColumnTables& all, RankContext& ctx) {
  const int rank = ctx.tp.rank(), t = ctx.tp.size();
  const Tensor dy = upload(all.dy, columns_part(all.dy, rank, t), ctx);               // [T,F/t]
  const Tensor x = upload(all.x, all_of(all.x), ctx);                                 // [T,D]
  const Tensor weight = upload(all.weight, rows_part(all.weight, rank, t), ctx);      // [F/t,D]
  const Tensor gradient = upload(all.earlier, rows_part(all.earlier, rank, t), ctx);  // [F/t,D]
  const Tensor dx(ctx.device, {all.x.rows, all.x.columns});
  ctx.begin_window();
  touch({dy}, ctx);
  {
    const auto scope = ctx.scope({.phase = Phase::backward});
    answer.column_backward(dx, gradient, dy, x, weight, ctx);
  }
  touch({dx, gradient}, ctx);
  ctx.end_window();
  return {{"dx", dx}, {"weight_grad", gradient}, {"dy", dy}, {"x", x}, {"weight", weight}};
}

std::vector<Budget> budgets(const Size& size) {
  const Index T = size.tokens, D = size.inputs, shard = size.shard;
  const Collectives sums{.kind = OpKind::all_reduce, .axis = "tp"};
  const double first = pass_ns(T * shard) + product_ns(T, D, shard);
  const double best = first +
                      std::max(product_ns(T, D, shard), all_reduce_ns(T * D, size.grid.tp)) +
                      pass_ns(T * D) + pass_ns(shard * D);
  const auto given = static_cast<double>(4 * (T * shard + 2 * T * D + 2 * shard * D));
  return {calls_of(sums, 1),
          bytes_of(sums, 4 * T * D),
          no_calls_but(sums),
          no_collectives_beside_products(),
          first_collective_by([=](int) { return first; }),
          about_as_fast_as(best),
          bytes_held([=](int) { return given; })};
}

DeviceCase make_case(const DxUnderDwAnswer& answer, Data data, std::uint64_t seed, Size size) {
  const GridShape grid = size.grid;
  const auto numbers = [=](int rank) { return tables_of(data, seed, size, rank / grid.tp); };
  return {
      .name = text(words_of(grid), ", F=", size.shard * grid.tp, ", ", words_of(data)),
      .grid = grid,
      .program = [=](RankContext& ctx) { return run(answer, numbers(ctx.rank), ctx); },
      .want =
          [=](int rank) { return want(numbers(rank), rank % grid.tp, grid.tp, is_exact(data)); },
      .budgets = budgets(size),
      .explain =
          [=](int rank, const std::string& name, std::size_t, double got) {
            return data == Data::who && name == "dx" ? terms_in(got, digits(grid, rank, false))
                                                     : "";
          }};
}

std::vector<DeviceCase> cases_of(const DxUnderDwAnswer& answer, std::uint64_t seed) {
  std::vector<DeviceCase> cases;
  // A product longer than the sum, a sum longer than the product.
  for (const Size& size : {Size{{.tp = 3, .dp = 2}, 6, 5, 100}, Size{{.tp = 5}, 7, 9, 8}})
    for (const Data data : {Data::who, Data::where, Data::integers, Data::reals})
      cases.push_back(make_case(answer, data, seed, size));
  return cases;
}

}  // namespace

std::unique_ptr<Graded> graded_dx_under_dw() {
  return make_graded(cases_of, &DxUnderDwAnswer::column_backward);
}

}  // namespace shardpipe
