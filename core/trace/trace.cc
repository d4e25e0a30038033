#include "core/trace/trace.h"

#include <algorithm>

namespace shardpipe {

int Trace::ranks() const {
  int ranks = 0;
  for (const Lane& lane : lanes) ranks = std::max(ranks, lane.rank + 1);
  return ranks;
}

bool never_ended(const Trace& trace, const Span& span) {
  return trace.names[static_cast<std::size_t>(span.name)].ends_with(kNeverEnded);
}

}  // namespace shardpipe
