// What each pipeline stage of a run is, as its trace tells.
#pragma once

#include <vector>

#include "core/trace/trace.h"

namespace shardpipe {

// Seconds are those of one micro-batch: operations and collectives of a rank that has the stage,
// without what it sends to other stages. Where backward is whole, the halves are 0, and the other
// way round.
struct StageTime {
  int layers = 0;
  double forward_s = 0, backward_s = 0, input_gradient_s = 0, weight_gradient_s = 0;
};

// By number; empty: nothing of the trace says its stage.
std::vector<StageTime> stage_times(const Trace& trace);

}  // namespace shardpipe
