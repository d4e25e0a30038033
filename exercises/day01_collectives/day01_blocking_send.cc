// Day 1: mend a pipeline whose neighbours send to each other.  ./lab check day01_blocking_send
//
// The layers of a model lie on n ranks, some on each. A micro-batch goes forward from rank 0 to
// rank n-1, and its gradient back. Each rank runs its actions in a given order: F k is the forward
// of micro-batch k, B k its backward. F k of a rank needs what F k of the rank before it made, and
// B k what B k of the rank after it made; these are the messages.
//
//   n = 3, 3 micro-batches; the number of a column is no time
//     rank 0    F0 F1 F2 B0 B1 B2
//     rank 1    F0 F1 B0 F2 B1 B2
//     rank 2    F0 B0 F1 B1 F2 B2
//
// The program below receives what an action needs, computes, and sends what it made. A send may
// wait until the other rank receives. While only forwards ran it was right: everything went one
// way. Now rank 1, after F1, wants to send to rank 2, and rank 2, after B0, wants to send to
// rank 1.
//
// The order of the actions must stay as it is; it is a good one (1F1B, day 6), for any number of
// ranks and micro-batches: first some forwards, more on lower ranks; then by turns; then backwards.
// Allowed: every tensor is sent once, to the neighbour that needs it.
#include "exercises/day01_collectives/day01_blocking_send.h"

namespace shardpipe::answer {

void run(const PipelineStage& stage, const CollectiveContext& on) {
  // >>> region 1: all actions in order, and no rank waits for ever (about 16 lines)
  const int rank = on.rank(), last = on.size() - 1;
  for (const Action& a : stage.order) {
    const int k = a.microbatch;
    const bool forward = a.kind == ActionKind::F;
    if (forward && rank > 0) on.exchange({recv_from(rank - 1, stage.x.slice(k, 1))});
    if (!forward && rank < last) on.exchange({recv_from(rank + 1, stage.dy.slice(k, 1))});
    stage.compute(a);
    if (forward && rank < last) on.exchange({send_to(rank + 1, stage.y.slice(k, 1))});
    if (!forward && rank > 0) on.exchange({send_to(rank - 1, stage.dx.slice(k, 1))});
  }
  // <<< region 1
}

}  // namespace shardpipe::answer

extern "C" void shardpipe_answer(shardpipe::BlockingSendAnswer& answer) {
  answer = {.run = shardpipe::answer::run};
}
