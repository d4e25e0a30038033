// Ring reduce-scatter: what there is to write, and what it is given.
#pragma once

#include "core/collectives/collective.h"
#include "exercises/not_written.h"

namespace shardpipe {

struct ReduceScatterAnswer {
  // n ranks. out = part `rank` of the sum over ranks of `in`; `in` is left as it is.
  //   on.rank(), on.size(), on.exchange({send_to(peer, x), recv_from(peer, y)})
  //   on.math.add(out, a, b, on.stream), on.math.copy(out, in, on.stream)
  //   Tensor(on.device, {count}, in.dtype())   scratch memory
  //   in[i]       part i, a flat Tensor; parts may differ by one element, in.longest() is the most
  //   x.slice(0, count), x.elements()
  void (*ring_reduce_scatter)(Tensor out, const Parts& in, const CollectiveContext& on) = nullptr;
};

}  // namespace shardpipe

// Written at the end of the answer: what the grader calls.
extern "C" [[gnu::visibility("default")]] void shardpipe_answer(
    shardpipe::ReduceScatterAnswer& answer);
