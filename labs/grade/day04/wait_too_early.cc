// How day04_wait_too_early is graded: numbers must stay right, and only the schedule earns points.
#include <algorithm>
#include "exercises/day04_communication/day04_wait_too_early.h"

#include "labs/grade/day04/overlap.h"
#include "labs/grade/day04/row_pieces.h"
#include "labs/grade/graded_exercises.h"

namespace shardpipe {
namespace {

// Whole, of one tensor-parallel group. Both micro-batches meet the same weight.
struct BothTables {
  RowTables a, b;
  Table bias;  // [1,F]
};

BothTables tables_of(Data data, std::uint64_t seed, const RowSize& size, int group) {
  const auto bias = [=](Index, Index j) {
    return data == Data::who     ? bias_digit(size.grid)
           : data == Data::where ? 1e5 * static_cast<double>(j + 1)
                                 : number_of(data, seed, 10 * group + 3, j);
  };
  return {row_tables(data, seed, size, group, 0),
          row_tables(data, seed, size, group, 1),
          {1, size.outputs, bias}};
}

Wanted64 wanted_y(const RowTables& of, const Table& bias, const RowSize& size, bool exact) {
  const Table y = plus_row(product(of.x, transposed(of.weight)), bias);
  const auto roundings = static_cast<double>(size.inputs() + size.grid.tp + 1);
  return wanted(y, all_of(y), exact ? 0 : roundings);
}

HeldTensors run(const WaitTooEarlyAnswer& answer, const BothTables& all, RankContext& ctx) {
  const int rank = ctx.tp.rank(), t = ctx.tp.size();
  const auto batch = [&](const RowTables& of) {
    return MicroBatch{.x = upload(of.x, columns_part(of.x, rank, t), ctx),
                      .y = Tensor(ctx.device, {of.x.rows, of.weight.rows})};
  };
  const MicroBatch a = batch(all.a), b = batch(all.b);
  const RowShard shard{.weight = upload(all.a.weight, columns_part(all.a.weight, rank, t), ctx),
                       .bias = upload(all.bias, all_of(all.bias), ctx)};
  ctx.begin_window();
  touch({a.x, b.x}, ctx);
  {
    const auto scope = ctx.scope({.phase = Phase::forward});
    answer.forward_both(a, b, shard, ctx);
  }
  touch({a.y, b.y}, ctx);
  ctx.end_window();
  return {{"a.y", a.y}, {"b.y", b.y}};
}

// What allows an order to be fast: the calls are counted as a part of it.
Budget as_schedule(Budget budget) {
  budget.dimension = Dimension::schedule;
  return budget;
}

// Products, then each bias as soon as its sum has ended.
std::vector<Budget> budgets(const RowSize& size) {
  const Index T = size.tokens, F = size.outputs, shard = size.shard;
  const double begin = 2 * pass_ns(T * shard), bias = pass_ns(T * F);
  const double product = product_ns(T, F, shard), sum = all_reduce_ns(T * F, size.grid.tp);
  const double a_summed = pipelined_ns(begin, {product}, {sum});
  const double b_summed = pipelined_ns(begin, {product, product}, {sum, sum});
  const double a_done = std::max(a_summed, begin + 2 * product) + bias;
  const double done = std::max(a_done, b_summed) + bias;
  const Collectives sums{.kind = OpKind::all_reduce, .axis = "tp"};
  return {as_schedule(calls_of(sums, 2)), as_schedule(no_calls_but(sums)),
          no_collectives_beside_products(),
          first_collective_by([=](int) { return begin + product; }),
          about_as_fast_as(done + 2 * pass_ns(T * F))};
}

DeviceCase make_case(const WaitTooEarlyAnswer& answer, Data data, std::uint64_t seed,
                     const RowSize& size) {
  const GridShape grid = size.grid;
  const auto numbers = [=](int rank) { return tables_of(data, seed, size, rank / grid.tp); };
  return {.name = text(words_of(grid), ", T=", size.tokens, ", ", words_of(data)),
          .grid = grid,
          .program = [=](RankContext& ctx) { return run(answer, numbers(ctx.rank), ctx); },
          .want =
              [=](int rank) {
                const BothTables all = numbers(rank);
                return std::map<std::string, Wanted64>{
                    {"a.y", wanted_y(all.a, all.bias, size, is_exact(data))},
                    {"b.y", wanted_y(all.b, all.bias, size, is_exact(data))}};
              },
          .budgets = budgets(size),
          .explain =
              [=](int rank, const std::string&, std::size_t, double got) {
                return data == Data::who ? terms_in(got, digits(grid, rank)) : "";
              }};
}

std::vector<DeviceCase> cases_of(const WaitTooEarlyAnswer& answer, std::uint64_t seed) {
  std::vector<DeviceCase> cases;
  // Products longer than sums, sums longer than products.
  for (const RowSize& size :
       {RowSize{.grid = {.tp = 3, .dp = 2}, .tokens = 20, .outputs = 30, .shard = 8},
        RowSize{.grid = {.tp = 5}, .tokens = 10, .outputs = 60, .shard = 4}})
    for (const Data data : {Data::who, Data::where, Data::integers, Data::reals})
      cases.push_back(make_case(answer, data, seed, size));
  return cases;
}

}  // namespace

std::unique_ptr<Graded> graded_wait_too_early() {
  return make_graded(cases_of, &WaitTooEarlyAnswer::forward_both);
}

}  // namespace shardpipe
