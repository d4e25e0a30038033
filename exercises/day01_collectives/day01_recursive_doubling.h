// All-reduce by recursive doubling: what there is to write, and what it is given.
#pragma once

#include "core/collectives/collective.h"
#include "exercises/not_written.h"

namespace shardpipe {

// Region 1, and what region 2 is given for it: the sum of x over ranks 0 .. count-1 alone, which
// are all that call it. count is a power of two, perhaps 1.
using DoublingSum = void (*)(const Tensor& x, int count, const CollectiveContext& on);

// n >= 2 ranks. x is flat and has as many elements on every rank. Both functions may use
//   on.rank(), on.size(), on.exchange({send_to(peer, y), recv_from(peer, z)}), or of one message
//   on.math.add(out, a, b, on.stream)       out may be a
//   Tensor(on.device, {x.elements()}, x.dtype())   scratch memory
struct RecursiveDoublingAnswer {
  DoublingSum doubling = nullptr;
  // Region 2. x of all n ranks = the sum over them, for any n.
  void (*any_number)(const Tensor& x, DoublingSum doubling, const CollectiveContext& on) = nullptr;
};

}  // namespace shardpipe

// Written at the end of the answer: what the grader calls.
extern "C" [[gnu::visibility("default")]] void shardpipe_answer(
    shardpipe::RecursiveDoublingAnswer& answer);
