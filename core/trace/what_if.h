// What if an operation took no time? The operations of a trace are run again, some of them shorter:
// each begins as soon as all that it had to wait for (dependencies.h) has happened. Where the trace
// leaves open what a span waited for, there are two answers, and the truth lies between them:
//   least   it waited only for what is certain
//   most    it waited for everything on its rank that had ended before
//
// Assumed: the program does the same in the same order; other operations take as long as they did,
// so nothing competes for memory or links less or more than before; hosts submit in time, and where
// a stream idled without a known cause, it idles as long again. With factor 1 both answers are the
// trace's own wall time, exactly.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/base/json.h"
#include "core/trace/dependencies.h"

namespace shardpipe {

struct WallBounds {
  std::int64_t least_ns = 0, most_ns = 0;
};

class WhatIf {
 public:
  // Of the busy time of a span ([ready, end]) what is left of it; 1: as it was.
  using Factor = std::function<double(const Span&)>;

  explicit WhatIf(const Trace& trace) : dependencies_(trace) {}

  // Linear in the spans and their dependencies.
  WallBounds wall_if(const Factor& factor) const;

 private:
  Dependencies dependencies_;
};

struct WhatIfRow {
  std::string what = {};     // "all_reduce of tp", "weight gradient", "attention.core"
  std::int64_t busy_ns = 0;  // of these operations, summed over ranks
  WallBounds wall = {};      // if they took no time
};

// A row for all communication, for each kind of it in each axis, each part of a training step, the
// compute of the five ranks and the five names that are longest busy; the largest gain first. Rows
// that mean the same operations as one before are left out.
std::vector<WhatIfRow> what_if_free(const Trace& trace);

// Tables of at most 100 columns; the document of `trace what-if --json`.
std::string to_text(const std::vector<WhatIfRow>& rows, const Trace& trace);
Json to_json(const std::vector<WhatIfRow>& rows, const Trace& trace);

// "18.0 ms", or "17.4 to 18.0 ms" where the trace leaves it open.
std::string bounds_text(const WallBounds& wall);
// What is saved of `wall_ns`: "14.3 %", "12.1 to 14.3 %".
std::string saving_text(const WallBounds& wall, std::int64_t wall_ns);

}  // namespace shardpipe
