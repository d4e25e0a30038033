// Ring reduce-scatter: what there is to write, and what it is given.
#pragma once

#include "core/collectives/collective.h"
#include "exercises/not_written.h"

namespace shardpipe {

struct ReduceScatterAnswer {
  // n >= 2 ranks. out = part `rank` of the sum over ranks of `in`; `in` is left as it is.
  //   on.rank(), on.size(), on.exchange({send_to(peer, x), recv_from(peer, y)})
  //   on.math.add(out, a, b, on.stream), on.math.copy(out, in, on.stream)
  //   Tensor(on.device, {count}, in.dtype())   scratch memory
  //   in[i]   part i, a flat Tensor, 0 <= i < n; parts may differ by one element, and the longest
  //           has in.longest()
  //   x.slice(0, count), x.elements()   the first `count` of a flat x; how many it has
  void (*ring_reduce_scatter)(Tensor out, const Parts& in, const CollectiveContext& on) = nullptr;
};

}  // namespace shardpipe

// Written at the end of the answer: what the grader calls.
extern "C" [[gnu::visibility("default")]] void shardpipe_answer(
    shardpipe::ReduceScatterAnswer& answer);
