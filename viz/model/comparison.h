// Comparison: two traces side by side. Spans are matched by what they are, not by when they run:
// rank, kind, name, phase, step, stage, layer, micro-batch, and their place among those that agree
// in all.
#pragma once

#include "viz/model/timeline_model.h"

namespace shardpipe::viz {

enum class Change : std::uint8_t { same, shorter, longer, only_here };  // shorter: by more than 5 %

struct Comparison {
  // Mean over ranks, ns.
  struct Line {
    std::string name = {};
    double a_ns = 0, b_ns = 0;
    bool is_cost = true;  // less of it is better
    double difference_ns() const { return b_ns - a_ns; }
  };
  std::vector<Line> times = {};       // wall, compute, exposed, overlapped communication, idle
  std::vector<Line> operations = {};  // busy time by name, the largest difference first
  std::vector<Change> changes = {};   // of each span of b against its match in a
  std::int64_t matched = 0;           // spans of b that have one
  // Add it to times of b: both traces' first steps then begin together.
  std::int64_t shift_ns = 0;
};

// O(n log n)
Comparison compare(const TimelineModel& a, const TimelineModel& b);

// What shift_ns is at first; 0 if a trace names no steps.
std::int64_t first_steps_shift(const TimelineModel& a, const TimelineModel& b);

// "b is 1.93x faster than a: 20.26 ms less; 1234 of 1300 operations of b have their like in a"
std::string verdict(const Comparison& comparison, const std::string& a, const std::string& b);

}  // namespace shardpipe::viz
