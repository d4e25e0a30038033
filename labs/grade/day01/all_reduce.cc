// How day01_all_reduce is graded.
#include "exercises/day01_collectives/day01_all_reduce.h"

#include "core/collectives/gather.h"
#include "labs/grade/budgets.h"
#include "labs/grade/day01/ring_budgets.h"
#include "labs/grade/day01/sum_cases.h"
#include "labs/grade/graded_exercises.h"

namespace shardpipe {
namespace {

// Of the machine in solutions/grading.json: a message takes 1000 ns and 1 ns a byte, an addition 1
// ns. Copying a part is next to nothing, and is not what is counted.
constexpr double kNsOfMessage = 1000, kNsToCopy = 4;
constexpr float kFactor = 0.25f;

RingHalves halves() {
  return {.reduce_scatter =
              [](Tensor out, const Parts& in, const CollectiveContext& on) {
                reduce_scatter_ring(out, in, ReduceOp::sum, on);
              },
          .all_gather = [](const Parts& parts,
                           const CollectiveContext& on) { all_gather_ring(parts, on); }};
}

// Both halves of a ring; scale: and one part of each rank is scaled.
std::vector<Budget> budgets(int n, Index elements, bool scale) {
  const double longest = static_cast<double>(elements_of_part(elements, n, 0));
  const double ns =
      2 * (n - 1) * (kNsOfMessage + 4 * longest) + (n - 1 + (scale ? 1 : 0)) * longest + kNsToCopy;
  const auto sent = [=](int rank) {
    const Index twice = 2 * elements - elements_of_part(elements, n, rank) -
                        elements_of_part(elements, n, (rank + 1) % n);
    return 4.0 * static_cast<double>(twice);
  };
  return {no_collectives(),
          exchanges([=](int) { return 2.0 * (n - 1); }),
          bytes_sent(sent),
          only_around_the_ring(n),
          nanoseconds_taken([=](int) { return ns; }),
          bytes_held([=](int) { return 4 * (static_cast<double>(elements) + 3 * longest); })};
}

std::vector<DeviceCase> cases_of(const AllReduceAnswer& answer, std::uint64_t seed) {
  std::vector<DeviceCase> cases;
  const auto on = [](RankContext& ctx) {
    return CollectiveContext{ctx.tp, ctx.math, ctx.device, ctx.compute};
  };
  // The first is long enough for a copy of it to be more than three parts.
  for (const SumSize size : {SumSize{4, 32}, SumSize{3, 10}, SumSize{5, 23}})
    for (const Data data : data_for(size.ranks == 5)) {
      cases.push_back(sum_case(
          "sum, ", size, data, seed,
          [=](const Tensor& x, RankContext& ctx) { answer.sum(x, halves(), on(ctx)); },
          budgets(size.ranks, size.elements, false)));
      cases.push_back(sum_case(
          "scaled sum, ", {size.ranks, size.elements, kFactor}, data, seed,
          [=](const Tensor& x, RankContext& ctx) {
            answer.scaled_sum(x, kFactor, halves(), on(ctx));
          },
          budgets(size.ranks, size.elements, true)));
    }
  return cases;
}

}  // namespace

std::unique_ptr<Graded> graded_all_reduce() {
  return make_graded(cases_of, &AllReduceAnswer::sum, &AllReduceAnswer::scaled_sum);
}

}  // namespace shardpipe
