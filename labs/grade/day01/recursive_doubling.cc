// How day01_recursive_doubling is graded.
#include "exercises/day01_collectives/day01_recursive_doubling.h"

#include <algorithm>

#include "labs/grade/budgets.h"
#include "labs/grade/day01/sum_cases.h"
#include "labs/grade/graded_exercises.h"

namespace shardpipe {
namespace {

// Of a whole all-reduce, what each rank does: lg p steps on the p that work, two for each extra
// rank, and two more for as many of the p as there are extra ranks; which of them is free. So the
// limits of a rank depend on whether it talks to an extra one.
struct Counts {
  int n = 1, p = 1, lg_p = 0;

  explicit Counts(int ranks) : n(ranks) {
    for (; 2 * p <= n; p *= 2) ++lg_p;
  }
  int extra() const { return n - p; }
  bool talks_to_extra(const RankFacts& rank) const {
    for (const Call& call : rank.calls)
      for (const MessageInfo& m : call.messages)
        if (m.peer >= p) return true;
    return false;
  }
};

// The steps of a rank beyond what it may have.
double steps_too_many(const Counts& c, const RunFacts& facts, int rank) {
  const RankFacts& mine = facts.ranks[static_cast<std::size_t>(rank)];
  const int steps = mine.calls_of(OpKind::exchange);
  if (rank >= c.p) return std::max(0, steps - 2);
  return std::max(0, steps - c.lg_p - (c.talks_to_extra(mine) ? 2 : 0));
}

// The tensors of all ranks: p lg p in the doubling, two for each extra rank.
double tensors_sent(const RunFacts& facts, double bytes) {
  double sum = 0;
  for (const RankFacts& rank : facts.ranks) sum += static_cast<double>(rank.sent_bytes());
  return sum / bytes;
}

std::vector<Budget> budgets(int n, Index elements) {
  const Counts c(n);
  const double bytes = 4.0 * static_cast<double>(elements);
  const auto sent = [=](int) { return 1.0 * c.p * c.lg_p + 2 * c.extra(); };
  return {no_collectives(),
          {.dimension = Dimension::communication,
           .what = "steps more than lg p, and two of a rank that hands in or helps",
           .measure = [=](const RunFacts& f, int rank) { return steps_too_many(c, f, rank); },
           .most = [](int) { return 0.0; }},
          {.dimension = Dimension::communication,
           .what = "tensors sent by all ranks",
           .measure = [=](const RunFacts& f, int) { return tensors_sent(f, bytes); },
           .most = sent,
           .least = sent},
          bytes_held([=](int) { return 2 * bytes; })};
}

std::vector<DeviceCase> cases_of(const RecursiveDoublingAnswer& answer, std::uint64_t seed) {
  std::vector<DeviceCase> cases;
  const auto add = [&](const char* words, SumSize size, const SumProgram& program) {
    for (const Data data : data_for(size.ranks >= 7))
      cases.push_back(
          sum_case(words, size, data, seed, program, budgets(size.ranks, size.elements)));
  };
  const auto on = [](RankContext& ctx) {
    return CollectiveContext{ctx.tp, ctx.math, ctx.device, ctx.compute};
  };
  for (const SumSize size : {SumSize{2, 3}, SumSize{4, 5}, SumSize{8, 7}})
    add("doubling, ", size,
        [=](const Tensor& x, RankContext& ctx) { answer.doubling(x, ctx.tp.size(), on(ctx)); });
  for (const SumSize size : {SumSize{3, 5}, SumSize{7, 4}, SumSize{6, 3}, SumSize{4, 6}})
    add("any number, ", size,
        [=](const Tensor& x, RankContext& ctx) { answer.any_number(x, answer.doubling, on(ctx)); });
  return cases;
}

}  // namespace

std::unique_ptr<Graded> graded_recursive_doubling() {
  return make_graded(cases_of, &RecursiveDoublingAnswer::doubling,
                     &RecursiveDoublingAnswer::any_number);
}

}  // namespace shardpipe
