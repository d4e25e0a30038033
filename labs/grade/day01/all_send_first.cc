// How day01_all_send_first is graded.
#include "exercises/day01_collectives/day01_all_send_first.h"

#include "labs/grade/budgets.h"
#include "labs/grade/day01/ring_budgets.h"
#include "labs/grade/day01/sum_cases.h"
#include "labs/grade/graded_exercises.h"

namespace shardpipe {
namespace {

// Whole tensors around a ring. ns: of the machine in solutions/grading.json, where a message takes
// 1000 ns and 1 ns a byte, an addition 1 ns, and a copy of a few numbers 1 ns.
std::vector<Budget> budgets(int n, Index elements) {
  const double count = static_cast<double>(elements);
  const double ns = 1 + (n - 1) * (1000 + 4 * count + count);
  return {no_collectives(),
          exchanges([=](int) { return n - 1.0; }),
          bytes_sent([=](int) { return 4 * count * (n - 1); }),
          only_around_the_ring(n),
          nanoseconds_taken([=](int) { return ns; }),
          bytes_held([=](int) { return 3 * 4 * count; })};
}

std::vector<DeviceCase> cases_of(const AllSendFirstAnswer& answer, std::uint64_t seed) {
  std::vector<DeviceCase> cases;
  for (const SumSize size : {SumSize{4, 6}, SumSize{3, 5}, SumSize{5, 2}})
    for (const Data data : {Data::who, Data::where, Data::integers, Data::reals})
      cases.push_back(sum_case(
          "", size, data, seed,
          [=](const Tensor& x, RankContext& ctx) {
            answer.sum_around(x, {ctx.tp, ctx.math, ctx.device, ctx.compute});
          },
          budgets(size.ranks, size.elements)));
  return cases;
}

}  // namespace

std::unique_ptr<Graded> graded_all_send_first() {
  return make_graded(cases_of, &AllSendFirstAnswer::sum_around);
}

}  // namespace shardpipe
