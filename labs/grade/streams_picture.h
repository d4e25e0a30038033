// What a run's streams did when, for answers that are right and take too long.
#pragma once

#include "labs/grade/device_cases.h"

namespace shardpipe {

// A row for what a rank computes and one for what it communicates, over time. At most 2 ranks.
std::vector<std::string> streams_picture(const RunFacts& facts);

}  // namespace shardpipe
