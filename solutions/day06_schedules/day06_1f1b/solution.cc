// Day 6: 1F1B builder.                                           ./lab check day06_1f1b
//
// p ranks hold a stage of the model each: rank r holds stage r. m micro-batches go forward from
// rank 0 to rank p-1, and backward from there to rank 0. Write down what one rank computes, in
// order.
//
// The order of all ranks together is a right 1F1B if
//   - every rank has F and B of every micro-batch once, all of its own stage, and no rank waits for
//     ever: F of a micro-batch needs its F on rank-1, and B needs its B on rank+1;
//   - it takes (m+p-1)(F+B), whatever F and B cost. Messages take no time here;
//   - rank r holds min(p-r, m) micro-batches when it holds most: those that are forward and not yet
//     backward. More is memory for nothing; with fewer it waits.
//
//   p = 3, m = 6, F = B = 1   rank 0  F0 F1 F2       B0 F3 B1 F4 B2 F5 B3    B4    B5
//                             rank 1     F0 F1    B0 F2 B1 F3 B2 F4 B3 F5 B4    B5
//                             rank 2        F0 B0 F1 B1 F2 B2 F3 B3 F4 B4 F5 B5
//
// There are three phases: some forwards first, then one forward and one backward in turn, then the
// backwards that are left. m may be less than p. Not allowed: the builders of core/schedule.
#include "exercises/day06_schedules/day06_1f1b.h"

namespace shardpipe::answer {

std::vector<Action> order_of_rank(int rank, int ranks, int microbatches) {
  // >>> region 1: the order of one rank in a right 1F1B (about 10 lines)
  std::vector<Action> order;
  int forward = 0, backward = 0;
  // Micro-batch 0 is back when it has been through the ranks behind: one forward for each of them.
  const int warm_up = std::min(ranks - 1 - rank, microbatches);
  while (forward < warm_up) order.push_back({rank, ActionKind::F, forward++});
  while (forward < microbatches) {
    order.push_back({rank, ActionKind::F, forward++});
    order.push_back({rank, ActionKind::B, backward++});
  }
  while (backward < microbatches) order.push_back({rank, ActionKind::B, backward++});
  return order;
  // <<< region 1
}

}  // namespace shardpipe::answer

extern "C" void shardpipe_answer(shardpipe::OneFOneBAnswer& answer) {
  answer = {.rank_order = shardpipe::answer::order_of_rank};
}
