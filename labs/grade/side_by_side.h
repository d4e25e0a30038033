// An answer beside the solution on one case: what each rank communicated, where the two differ
// first, and both traces.
#pragma once

#include <string>
#include <vector>

#include "labs/grade/device_cases.h"

namespace shardpipe {

struct SideBySide {
  std::vector<std::string> lines = {};  // for a person
  bool same = true;                     // the same calls on every rank
};

// Runs both on the modelled device and writes <prefix>-mine.json and <prefix>-ours.json. What ends
// in an error leaves its last picture.
SideBySide side_by_side(const DeviceCase& mine, const DeviceCase& ours, const std::string& prefix);

}  // namespace shardpipe
