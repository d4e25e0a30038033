// Category: what the ink of a timeline stands for. One colour each (draw/palette.h).
#pragma once

#include <cstdint>

#include "core/trace/trace.h"

namespace shardpipe::viz {

enum class Category : std::uint8_t {
  forward,
  backward,         // both gradients, or not said which
  backward_input,   // its half that the stage before waits for
  backward_weight,  // its other half
  other,            // optimizer, untagged compute
  collective,
  exchange,  // point to point
  copy,      // operations of a stream named so: "copy", "memcpy"
  host,      // of a stream named "host"
  wait,      // of an operation for the last rank to come; idle time
  exposed,   // of a rank: communication with no compute over it
  idle,      // of a rank: neither computes, nor communicates, nor waits for a rank
};
constexpr int kNumCategories = 12;

const char* name_of(Category category);

// Of [ready, end] of a span. [posted, ready] is Category::wait.
Category category_of(const Span& span, LaneKind lane);

}  // namespace shardpipe::viz
