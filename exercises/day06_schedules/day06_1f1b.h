// 1F1B builder: what there is to write, and what it is given.
#pragma once

#include <algorithm>
#include <vector>

#include "core/schedule/schedule.h"
#include "exercises/not_written.h"

namespace shardpipe {

struct OneFOneBAnswer {
  // What rank `rank` of `ranks` computes, in order, with `microbatches` micro-batches. All ranks
  // together must be a right 1F1B; at the top of your file stands what that is.
  //   Action{rank, ActionKind::F, k}   forward of micro-batch k through the stage of this rank
  //   Action{rank, ActionKind::B, k}   its backward
  std::vector<Action> (*rank_order)(int rank, int ranks, int microbatches) = nullptr;
};

}  // namespace shardpipe

// Written at the end of the answer: what the grader calls.
extern "C" [[gnu::visibility("default")]] void shardpipe_answer(shardpipe::OneFOneBAnswer& answer);
