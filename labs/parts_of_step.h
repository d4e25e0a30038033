// Where the time of a step goes, in parts that add up to it, so that two runs can be compared part
// by part. A step takes all ranks equally long, and each rank computes, communicates or is idle, so
// means over ranks add up:
//   step = compute that one rank alone would do, too + compute done again + exposed + idle
#pragma once

#include <map>
#include <string>

#include "core/trace/trace.h"

namespace shardpipe {

// Of compute operations, by their name, over all ranks: flops, or bytes where there are none.
using WorkByName = std::map<std::string, double>;

WorkByName work_by_name(const Trace& trace);

struct StepParts {
  double once_s = 0;
  // The share of compute beyond `once`: done by several ranks each (a norm on every rank), or twice
  // by one (recomputation). Operations that one rank does not know (copies of pieces) are not in
  // it.
  double again_s = 0;
  double exposed_s = 0, idle_s = 0;

  double step_s() const { return once_s + again_s + exposed_s + idle_s; }
};

// once: work of one rank in one step; empty: not known, and again_s is 0.
StepParts parts_of_step(const Trace& trace, int steps, const WorkByName& once);

}  // namespace shardpipe
