// A pipeline whose neighbours send to each other: what there is to mend, and what it is given.
#pragma once

#include <functional>
#include <vector>

#include "core/collectives/collective.h"
#include "core/schedule/schedule.h"
#include "exercises/not_written.h"

namespace shardpipe {

// What one rank of a pipeline has. Row k of a tensor belongs to micro-batch k; x.slice(k, 1) is it.
struct PipelineStage {
  // What it computes: .kind is ActionKind::F or B, .microbatch is k.
  std::vector<Action> order = {};
  // Forward of micro-batch k makes row k of y of that of x, backward makes row k of dx of that of
  // dy. x of rank 0 is there from the beginning, dy of the last rank when its forward is done.
  Tensor x = {}, y = {}, dx = {}, dy = {};
  // Runs one action of the order. They must be run in order.
  std::function<void(const Action&)> compute = {};
};

struct BlockingSendAnswer {
  // n >= 2 ranks, a stage each. y of a rank is x of the next one, dx is dy of the one before.
  //   on.rank(), on.size()
  //   on.exchange({message, ...}), or of a std::vector<Message>, even an empty one: it ends when
  //   all have arrived
  //   send_to(peer, x), recv_from(peer, y)   a message
  void (*run)(const PipelineStage& stage, const CollectiveContext& on) = nullptr;
};

}  // namespace shardpipe

// Written at the end of the answer: what the grader calls.
extern "C" [[gnu::visibility("default")]] void shardpipe_answer(
    shardpipe::BlockingSendAnswer& answer);
