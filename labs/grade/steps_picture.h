// What the ranks say to each other, call by call, side by side.
#pragma once

#include "labs/grade/device_cases.h"

namespace shardpipe {

// A row a call, a column a rank: ">1 24" sends 24 bytes to rank 1, "<2 24" receives as many from
// rank 2, "all_reduce 60" enters a collective. At most 12 rows and 6 ranks.
std::vector<std::string> steps_picture(const RunFacts& facts);

}  // namespace shardpipe
