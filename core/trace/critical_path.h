// The critical path: a chain of spans, each begun because the one before ended, from the start of
// the window to the span that ends last. Making a span that is not on it faster gains nothing.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/trace/trace.h"

namespace shardpipe {

struct PathStep {
  std::int32_t rank = 0;
  std::int32_t span = 0;  // index into Trace::spans
  std::string name = {};
  std::int64_t begin_ns = 0, end_ns = 0;  // the span's busy time
};

// In forward order. Times between two steps are gaps: host time, or waiting with no known cause.
//
// Walked backwards. A span could begin when the last rank had come to it: the walk moves to that
// rank (waits_for) at that moment (ready), or stays at its own rank at `posted`. There it takes the
// span that ended last up to that moment, on any stream (ties: the stream it came from, then the
// lowest). The trace does not record events between streams; "ended last before" stands for them.
std::vector<PathStep> critical_path(const Trace& trace);

}  // namespace shardpipe
