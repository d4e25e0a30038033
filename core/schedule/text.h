// Schedules and their timings as text and pictures.
#pragma once

#include <string>

#include "core/schedule/schedule.h"
#include "core/schedule/simulator.h"

namespace shardpipe {

// One row a rank, cells "0F0".
std::string to_csv(const Schedule& schedule);

// Reads that, and torch's files with empty cells in idle slots (which are skipped). stages and
// microbatches are the largest that occur, chunks = stages / rows. `file` names it in errors, which
// are usage errors; whether the schedule is right is for check_schedule.
Schedule from_csv(const std::string& csv, const std::string& file);

struct GridOptions {
  int columns = 100;  // no line is wider
  bool colour = false;
};

// The schedule on a time axis, for a terminal: a row a rank, the micro-batch in its kind's colour.
std::string draw_grid(const Schedule& schedule, const Timing& timing, const GridOptions& options);

// The same as an SVG document.
std::string draw_svg(const Schedule& schedule, const Timing& timing, const Costs& costs);

}  // namespace shardpipe
