// A trace in a terminal: two lines a row of ranks (rank_rows.h), one character a slice of time. The
// picture is true by area: a cell shows the share of its time that is busy (bar height, or case of
// a letter), and what rounding takes from one cell is given to the next busy one, so that the ink
// of a row is its busy time within one cell. (A least width for short spans would show a stream 8 %
// busy as 90 %.)
//   compute  forward, backward, its two halves where a schedule splits it, other; in colour what is
//            of a later stage of the rank is darker
//   comm     exposed, or under compute; dots where the rank waits for another to come
#pragma once

#include <cstdint>
#include <string>

#include "core/trace/trace.h"

namespace shardpipe {

struct TimelineOptions {
  int columns = 100;  // no line is wider
  bool colour = false;
  bool unicode = true;  // false: ASCII only
  std::int64_t begin_ns = 0;
  std::int64_t end_ns = -1;  // -1: the end of the window
  std::string ranks = {};    // which (rank_rows.h); of a pair each trace has those of them it has
};

std::string draw_timeline(const Trace& trace, const TimelineOptions& options);

// Two traces one above the other on the same scale, each under its name, and the ratio.
std::string draw_pair(const std::string& name_a, const Trace& a, const std::string& name_b,
                      const Trace& b, const TimelineOptions& options);

}  // namespace shardpipe
