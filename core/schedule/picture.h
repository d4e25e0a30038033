// What the terminal picture and the SVG share: pieces of a rank's time, and round numbers for an
// axis.
#pragma once

#include <string>
#include <vector>

#include "core/schedule/schedule.h"
#include "core/schedule/simulator.h"

namespace shardpipe {

struct DrawnAction {
  double start = 0, end = 0;
  Action action = {};
  bool is_later_stage = false;  // of those the rank holds: not the first
  bool is_in_block = false;     // shares [start, end] with the other action of its block
};

std::vector<DrawnAction> pieces_of(const Schedule& schedule, const Timing& timing, int rank);

double busy_share(const std::vector<DrawnAction>& pieces, double makespan);  // blocks count once

// The smallest of 1, 2, 5, 10, 20, ... (or .., 0.1, 0.2, 0.5) that is at least `least`; least > 0.
double round_step(double least);

// Without zeros at the end: "28.5".
std::string number_text(double value);

const char* words_of(
    ActionKind kind);  // "forward", "backward", "input gradient", "weight gradient"
std::vector<ActionKind> kinds_in(const Schedule& schedule);  // those that occur, in their own order

}  // namespace shardpipe
