#include "core/trace/trace.h"

#include <algorithm>

namespace shardpipe {

int Trace::ranks() const {
  int ranks = 0;
  for (const Lane& lane : lanes) ranks = std::max(ranks, lane.rank + 1);
  return ranks;
}

}  // namespace shardpipe
