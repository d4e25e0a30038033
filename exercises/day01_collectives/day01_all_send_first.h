// A sum around a ring that hangs: what there is to mend, and what it is given.
#pragma once

#include "core/collectives/collective.h"
#include "exercises/not_written.h"

namespace shardpipe {

struct AllSendFirstAnswer {
  // n >= 2 ranks. x of every rank = the sum over ranks of x; x is flat.
  //   on.rank(), on.size(), on.exchange({send_to(peer, y), recv_from(peer, z)}), or of one message
  //   on.math.add(out, a, b, on.stream), on.math.copy(out, in, on.stream)
  //   Tensor(on.device, shape, x.dtype())   scratch memory
  //   y.slice(i, 1)   row i of y, [1, columns]; flat(y): the same memory as [elements]
  void (*sum_around)(const Tensor& x, const CollectiveContext& on) = nullptr;
};

}  // namespace shardpipe

// Written at the end of the answer: what the grader calls.
extern "C" [[gnu::visibility("default")]] void shardpipe_answer(
    shardpipe::AllSendFirstAnswer& answer);
