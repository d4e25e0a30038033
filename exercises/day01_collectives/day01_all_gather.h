// Ring all-gather: what there is to write, and what it is given.
#pragma once

#include "core/collectives/collective.h"
#include "exercises/not_written.h"

namespace shardpipe {

struct AllGatherAnswer {
  // n >= 2 ranks. Part r of rank r becomes part r of every rank; in place.
  //   on.rank(), on.size(), on.exchange({send_to(peer, x), recv_from(peer, y)})
  //   parts[i]   part i, a flat Tensor, 0 <= i < n; parts may differ by one element
  void (*ring_all_gather)(const Parts& parts, const CollectiveContext& on) = nullptr;
};

}  // namespace shardpipe

// Written at the end of the answer: what the grader calls.
extern "C" [[gnu::visibility("default")]] void shardpipe_answer(shardpipe::AllGatherAnswer& answer);
