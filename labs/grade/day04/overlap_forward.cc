// How day04_overlap is graded.
#include "exercises/day04_communication/day04_overlap.h"
#include "labs/grade/day04/overlap.h"
#include "labs/grade/day04/row_pieces.h"
#include "labs/grade/graded_exercises.h"

namespace shardpipe {
namespace {

struct Size {
  RowSize row = {};
  int pieces = 1;

  // Rows that piece i begins with.
  Index first(Index i) const { return row.tokens * i / pieces; }
  std::string words() const {
    return text(words_of(row.grid), ", T=", row.tokens, ", ", pieces,
                pieces == 1 ? " piece" : " pieces");
  }
};

HeldTensors run(const OverlapAnswer& answer, const RowTables& all, const Size& size,
                RankContext& ctx) {
  const int rank = ctx.tp.rank(), t = ctx.tp.size();
  const Tensor x = upload(all.x, columns_part(all.x, rank, t), ctx);                 // [T,D/t]
  const Tensor weight = upload(all.weight, columns_part(all.weight, rank, t), ctx);  // [F,D/t]
  const Tensor y(ctx.device, {size.row.tokens, size.row.outputs});
  ctx.begin_window();
  touch({x}, ctx);
  {
    const auto scope = ctx.scope({.phase = Phase::forward});
    answer.overlapped_forward(y, x, weight, size.pieces, ctx);
  }
  touch({y}, ctx);
  ctx.end_window();
  return {{"y", y}, {"x", x}, {"weight", weight}};
}

std::map<std::string, Wanted64> want(const RowTables& all, const Size& size, Data data,
                                     int tp_rank) {
  const int t = size.row.grid.tp;
  return {{"y", wanted_row_output(all, size.row, data)},
          {"x", wanted(all.x, columns_part(all.x, tp_rank, t), 0)},
          {"weight", wanted(all.weight, columns_part(all.weight, tp_rank, t), 0)}};
}

std::vector<Budget> budgets(const Size& size) {
  const Index T = size.row.tokens, F = size.row.outputs, shard = size.row.shard;
  const int t = size.row.grid.tp;
  std::vector<double> products, sums;
  for (Index i = 0; i < size.pieces; ++i) {
    const Index rows = size.first(i + 1) - size.first(i);
    products.push_back(product_ns(rows, F, shard));
    sums.push_back(all_reduce_ns(rows * F, t));
  }
  const double begin = pass_ns(T * shard), first = begin + products[0];
  const Collectives of_tp{.kind = OpKind::all_reduce, .axis = "tp"};
  const auto given = static_cast<double>(4 * (T * F + T * shard + F * shard));
  return {calls_of(of_tp, size.pieces),
          bytes_of(of_tp, 4 * T * F),
          no_calls_but(of_tp),
          no_collectives_beside_products(),
          first_collective_by([=](int) { return first; }),
          about_as_fast_as(pipelined_ns(begin, products, sums) + pass_ns(T * F)),
          bytes_held([=](int) { return given; })};
}

DeviceCase make_case(const OverlapAnswer& answer, Data data, std::uint64_t seed, Size size) {
  const GridShape grid = size.row.grid;
  const auto numbers = [=](int rank) { return row_tables(data, seed, size.row, rank / grid.tp); };
  return {.name = text(size.words(), ", ", words_of(data)),
          .grid = grid,
          .program = [=](RankContext& ctx) { return run(answer, numbers(ctx.rank), size, ctx); },
          .want = [=](int rank) { return want(numbers(rank), size, data, rank % grid.tp); },
          .budgets = budgets(size),
          .explain =
              [=](int rank, const std::string& name, std::size_t, double got) {
                return data == Data::who && name == "y" ? terms_in(got, digits(grid, rank, false))
                                                        : "";
              }};
}

std::vector<DeviceCase> cases_of(const OverlapAnswer& answer, std::uint64_t seed) {
  std::vector<DeviceCase> cases;
  // Products longer than sums, sums longer than products.
  for (const Size& size :
       {Size{{.grid = {.tp = 3, .dp = 2}, .tokens = 10, .outputs = 20, .shard = 70}, 4},
        Size{{.grid = {.tp = 5}, .tokens = 7, .outputs = 9, .shard = 16}, 3}})
    for (const Data data : {Data::who, Data::where, Data::integers, Data::reals})
      cases.push_back(make_case(answer, data, seed, size));
  const Size piece_a_row{{.grid = {.tp = 3}, .tokens = 4, .outputs = 3, .shard = 40}, 4};
  cases.push_back(make_case(answer, Data::integers, seed, piece_a_row));
  return cases;
}

}  // namespace

std::unique_ptr<Graded> graded_overlap() {
  return make_graded(cases_of, &OverlapAnswer::overlapped_forward);
}

}  // namespace shardpipe
