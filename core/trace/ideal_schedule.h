// The schedule that a pipeline run followed, timed as if every forward took as long as the median
// forward, every backward the median backward, every message the median message, and nobody waited
// for anything else: what is later than that in the trace is later for a reason worth asking for.
//
// Cells: the compute of one micro-batch through one stage on one rank, forward, backward or a half
// of it. The schedule is read off the trace itself: the order of its cells on each rank. Ranks with
// the same cells (tensor and data parallel copies) follow the same rank of the schedule.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/schedule/simulator.h"
#include "core/trace/trace.h"

namespace shardpipe {

struct Cell {
  std::int32_t rank = 0, step = -1;
  std::int32_t span = -1;  // its first, index into Trace::spans
  Action action = {};
  std::int64_t begin_ns = 0, end_ns = 0;
};

// Does a span belong to a cell, and to the same one as another?
bool is_in_cell(const Span& span);
bool is_same_cell(const Span& a, const Span& b);

// By rank, then in the order they began. Linear in the spans, but for sorting the cells.
std::vector<Cell> cells_of(const Trace& trace);

struct IdealSchedule {
  Costs costs_ns = {};           // medians over the trace, by kind of cell; C: of messages
  std::vector<Cell> cells = {};  // as cells_of, with the ideal times; each step begins as it did
  std::int64_t measured_ns = 0;  // first begin to last end of a step's cells, all steps together
  std::int64_t ideal_ns = 0;     // the same of the ideal
  std::string refusal = {};      // why there is none: no cells, or no complete schedule
};

IdealSchedule ideal_schedule(const Trace& trace);

}  // namespace shardpipe
