// What every rank holds after a case, on a backend that has numbers.
#pragma once

#include "labs/grade/device_cases.h"

namespace shardpipe {

struct HeldNumbers {
  std::string name = {};
  Shape shape = {};
  std::vector<float> values = {};
};

// By rank; of ranks that are other processes: nothing.
using HeldByRank = std::vector<std::vector<HeldNumbers>>;
using RunOn = RunReport (*)(const RunOptions& options, const RankProgram& program);

// Runs the case on a backend that has numbers. Throws what the run throws.
HeldByRank held_after(const DeviceCase& c, const char* device, const RunOptions& options,
                      RunOn run);

}  // namespace shardpipe
