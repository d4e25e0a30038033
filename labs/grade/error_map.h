// What every rank holds against what it should, and where they differ, in words and as a map.
#pragma once

#include "labs/grade/held.h"

namespace shardpipe {

struct Difference {
  int compared = 0;                       // tensors
  std::string said = {};                  // "" or the first wrong number
  std::vector<std::string> picture = {};  // a row a rank, of tensors that are wrong somewhere
};

Difference compare(const HeldByRank& held, const DeviceCase& c);

// Numbers as part of a signature: exact ones in full, others not at all.
std::string words_of(const HeldNumbers& held, const DeviceCase& c);

}  // namespace shardpipe
