// The one sweep over a rank's spans that every figure and every picture is taken from: the window
// cut at each begin and end of a span, and what went on in each piece (exact integer nanoseconds).
#pragma once

#include <cstdint>
#include <vector>

#include "core/trace/trace.h"

namespace shardpipe {

enum class Work : std::uint8_t {
  none,
  forward,
  backward,         // both gradients, or not said which
  backward_input,   // its half that the stage before waits for
  backward_weight,  // its other half
  other,            // optimizer, untagged
};

Work work_of(const Span& span);  // none for communication

// What a rank did in [begin_ns, end_ns). Several streams may be busy at once.
struct RankState {
  std::int64_t begin_ns = 0, end_ns = 0;
  Work compute = Work::none;    // of two compute spans at once, the first in the order of Work
  std::int32_t stage = -1;      // of the compute span that began last; -1: not said, or none
  bool communicates = false;    // inside [ready, end] of a communication span
  bool waits = false;           // inside [posted, ready] of one
  std::int32_t waits_for = -1;  // of several ranks waited for at once, the lowest; -1: not said

  std::int64_t length_ns() const { return end_ns - begin_ns; }
};

// Pieces in order, without gaps, none empty; together they are [begin_ns, end_ns).
// O(n log n) for the rank's n spans, O(log) for those of the others.
std::vector<RankState> sweep(const Trace& trace, int rank, std::int64_t begin_ns,
                             std::int64_t end_ns);

}  // namespace shardpipe
