// How day06_1f1b is graded.
#include "exercises/day06_schedules/day06_1f1b.h"

#include "labs/grade/day06/one_f_one_b.h"
#include "labs/grade/graded_exercises.h"

namespace shardpipe {
namespace {

Trial try_answer(const OneFOneBAnswer& answer, std::uint64_t seed) {
  std::vector<ScheduleCase> cases;
  // Ranks that do not divide the micro-batches, fewer micro-batches than ranks, and the least.
  for (const PipelineSize size : {PipelineSize{3, 6}, PipelineSize{4, 9}, PipelineSize{5, 3},
                                  PipelineSize{2, 1}, PipelineSize{1, 3}, seeded_size(seed)}) {
    cases.push_back(one_f_one_b_case(size));
    cases.back().order = [=](int rank) {
      return answer.rank_order(rank, size.ranks, size.microbatches);
    };
  }
  return run_schedule_cases(cases);
}

}  // namespace

std::unique_ptr<Graded> graded_1f1b() {
  return make_graded(try_answer, &OneFOneBAnswer::rank_order);
}

}  // namespace shardpipe
