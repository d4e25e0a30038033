// Day 6: a test for 1F1B.                                        ./lab check day06_test_1f1b
//
// Somebody hands you schedules that are said to be 1F1B. Write the test that tells right from
// wrong: "" if a schedule is right, and else why it is not. It is tried on two right schedules and
// on five wrong ones, each of several sizes. Each wrong one that it finds, in every size, earns a
// fifth of the points; one false alarm costs all of them. A test that throws has found nothing.
//
// With p ranks, where rank r holds stage r, and m micro-batches, a schedule is a right 1F1B if
//   1. check_schedule finds nothing wrong with it;
//   2. it takes (m+p-1)(F+B), whatever F and B cost;
//   3. rank r holds min(p-r, m) micro-batches when it holds most.
// Nothing else counts: not its name, and not which micro-batch comes first.
//
//   p = 3, m = 6, F = B = 1   rank 0  F0 F1 F2       B0 F3 B1 F4 B2 F5 B3    B4    B5    holds 3
//   takes 8 * 2 = 16          rank 1     F0 F1    B0 F2 B1 F3 B2 F4 B3 F5 B4    B5       holds 2
//                             rank 2        F0 B0 F1 B1 F2 B2 F3 B3 F4 B4 F5 B5          holds 1
//
// Allowed: check_schedule, simulate, and what you write yourself. Not allowed: to build a schedule
// with core/schedule and to compare with that.
#include "exercises/day06_schedules/day06_test_1f1b.h"

namespace shardpipe::answer {

std::string fault_in(const Schedule& schedule, int ranks, int microbatches) {
  // >>> region 1: "" for a right 1F1B, a reason for any other schedule (about 10 lines)
  not_written(1);
  // <<< region 1
}

}  // namespace shardpipe::answer

extern "C" void shardpipe_answer(shardpipe::OneFOneBTestAnswer& answer) {
  answer = {.what_is_wrong = shardpipe::answer::fault_in};
}
