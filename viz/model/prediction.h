// What a hardware profile says the operations of a trace should have taken.
#pragma once

#include <string>
#include <vector>

#include "core/cost/hardware.h"
#include "core/trace/trace.h"

namespace shardpipe::viz {

struct Predicted {
  std::string name = {};
  std::int64_t count = 0;
  std::int64_t measured_ns = 0, predicted_ns = 0;  // busy, summed over ranks
};

// By name, the longest measured first. Spans that no cost can be told for (no flops and no bytes)
// are left out. usage_error if the trace has more ranks than the machine.
std::vector<Predicted> predict(const Trace& trace, const Hardware& hardware);

}  // namespace shardpipe::viz
