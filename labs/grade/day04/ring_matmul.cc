// How day04_ring_matmul is graded: y = gather(x) W^T on the grader's machine, on which the product
// of a part takes longer than its message.
#include "exercises/day04_communication/day04_ring_matmul.h"

#include "labs/grade/budgets.h"
#include "labs/grade/day01/ring_budgets.h"
#include "labs/grade/graded_exercises.h"
#include "labs/grade/groups.h"
#include "labs/grade/oracle.h"

namespace shardpipe {
namespace {

constexpr Index kOwn = 3, D = 7, kShard = 32;  // T = t kOwn; F/t
// A message takes 1 us and 1 ns a byte, a flop 1 ns: solutions/grading.json.
constexpr double kNsOfProduct = 2.0 * kOwn * D * kShard;
static_assert(kNsOfProduct > 1000 + 4 * kOwn * D);
constexpr double kNsOfCopies = 20;  // the copy of x takes 1

struct Numbers {
  Table x, weight;  // [T,D] [F/t,D], the same weight on every rank
};

// who: rank r brings 8^r, and so does y. where: x is its places, column j of y is column j mod D.
Numbers numbers_of(Data data, std::uint64_t seed, const GridShape& grid, int group) {
  const Index T = kOwn * grid.tp;
  const auto random = [=](int tensor) {
    return [=](Index i, Index j) { return number_of(data, seed, 10 * group + tensor, i * D + j); };
  };
  const auto picks = [](Index f, Index d) { return f % D == d ? 1 : 0; };
  if (data == Data::who)
    return {{T, D, [&](Index i, Index) { return digit(grid, group, i / kOwn); }},
            {kShard, D, picks}};
  if (data == Data::where)
    return {{T, D, [](Index i, Index j) { return i * D + j + 1; }}, {kShard, D, picks}};
  return {{T, D, random(0)}, {kShard, D, random(1)}};
}

HeldTensors run(const RingMatmulAnswer& answer, const Numbers& numbers, RankContext& ctx) {
  const int rank = ctx.tp.rank(), t = ctx.tp.size();
  const Tensor x = upload(numbers.x, rows_part(numbers.x, rank, t), ctx);
  const Tensor weight = upload(numbers.weight, all_of(numbers.weight), ctx);
  const Tensor all(ctx.device, {t * kOwn, D}), y(ctx.device, {t * kOwn, kShard});
  ctx.math.fill(y, 0, ctx.compute);
  ctx.begin_window();
  touch({x}, ctx);
  // Adds, so that a part that is multiplied twice is in y twice.
  const MultiplyPart multiply = [&](int part, const Tensor& rows) {
    ctx.math.gemm(y.slice(part * kOwn, kOwn), rows, Transpose::no, weight, Transpose::yes,
                  {.beta = 1}, ctx.compute);
  };
  answer.ring_gather_multiply(all, x, multiply, ctx);
  touch({y, all}, ctx);
  ctx.end_window();
  return {{"all", all}, {"y", y}, {"x", x}};
}

std::map<std::string, Wanted64> want(const Numbers& of, int rank, int t, bool exact) {
  const Table y = product(of.x, transposed(of.weight));
  return {{"all", wanted(of.x, all_of(of.x), 0)},
          {"y", wanted(y, all_of(y), exact ? 0 : D + 1)},
          {"x", wanted(of.x, rows_part(of.x, rank, t), 0)}};
}

std::vector<Budget> budgets(int t) {
  const Index T = kOwn * t;
  const double part = 4.0 * kOwn * D;
  const Index touched = kOwn * D + T * D + T * kShard;  // x, all and y: 1 ns a number
  const Index held = touched + kShard * D;
  const double least = t * kNsOfProduct + static_cast<double>(touched);
  return {no_collectives(),
          exchanges([=](int) { return t - 1.0; }),
          bytes_sent([=](int) { return (t - 1) * part; }),
          only_around_the_ring(t),
          nanoseconds_taken([=](int) { return least + kNsOfCopies; }),
          bytes_held([=](int) { return 4.0 * static_cast<double>(held); })};
}

std::string explain(Data data, const GridShape& grid, double got) {
  if (data == Data::who) return ranks_in(got, grid.ranks(), Missing::is_fine);
  const auto place = static_cast<Index>(got) - 1;
  if (data != Data::where || got < 1 || place >= kOwn * grid.tp * D) return "";
  return text("that is x[", place / D % kOwn, "][", place % D, "] of rank ", place / D / kOwn);
}

DeviceCase make_case(const RingMatmulAnswer& answer, Data data, std::uint64_t seed,
                     GridShape grid) {
  const auto numbers = [=](int rank) { return numbers_of(data, seed, grid, rank / grid.tp); };
  return {
      .name = text(words_of(grid), ", T=", kOwn * grid.tp, ", ", words_of(data)),
      .grid = grid,
      .program = [=](RankContext& ctx) { return run(answer, numbers(ctx.rank), ctx); },
      .want =
          [=](int rank) { return want(numbers(rank), rank % grid.tp, grid.tp, is_exact(data)); },
      .budgets = budgets(grid.tp),
      .explain = [=](int, const std::string&, std::size_t,
                     double got) { return explain(data, grid, got); }};
}

std::vector<DeviceCase> cases_of(const RingMatmulAnswer& answer, std::uint64_t seed) {
  return cases_on(
      {{.tp = 4}, {.tp = 3, .dp = 2}, {.tp = 5}},
      [&](Data data, const GridShape& grid) { return make_case(answer, data, seed, grid); });
}

}  // namespace

std::unique_ptr<Graded> graded_ring_matmul() {
  return make_graded(cases_of, &RingMatmulAnswer::ring_gather_multiply);
}

}  // namespace shardpipe
