// Sums over the wrong group: what there is to mend, and what it is given.
#pragma once

#include "core/context/rank_context.h"
#include "exercises/not_written.h"

namespace shardpipe {

struct WorldGroupAnswer {
  //   ctx.tp, ctx.pp, ctx.dp, ctx.world: groups that this rank is in; each has
  //     .all_reduce(x, ctx.compute)   x = the sum over the ranks of the group, on each of them
  //     .rank(), .size()
  void (*sum_up)(const Tensor& y, const Tensor& g, RankContext& ctx) = nullptr;
};

}  // namespace shardpipe

// Written at the end of the answer: what the grader calls.
extern "C" [[gnu::visibility("default")]] void shardpipe_answer(
    shardpipe::WorldGroupAnswer& answer);
