// The schedule playground: a pipeline schedule as a trace, made anew whenever a knob is turned. One
// unit of cost is drawn as one millisecond, as in `lab schedule --format trace`.
#pragma once

#include <string>
#include <vector>

#include "core/schedule/simulator.h"
#include "core/trace/trace.h"

namespace shardpipe::viz {

struct PlaygroundSettings {
  std::string schedule = "1f1b";
  int stages = 4, microbatches = 8, chunks = 1;  // chunks: where the schedule leaves a choice
  Costs costs = {};
};

// What can be turned: a number within a range. The first knob is the place of the schedule's name
// in schedule_names().
struct Knob {
  std::string name = {};
  double value = 0, least = 0, most = 1, step = 1;

  std::string text = {};  // of the value
};

std::vector<Knob> knobs_of(const PlaygroundSettings& settings);

// With knob `i` turned to the nearest allowed value.
PlaygroundSettings turned(const PlaygroundSettings& settings, std::size_t i, double value);

struct Played {
  Trace trace = {};
  std::string refusal = {};  // why there is no such schedule; then the trace is empty
  // Makespan, bubble, what each rank holds at most, and the rule that no schedule can beat.
  std::vector<std::string> lines = {};
};

// Linear in the number of actions: 32 stages x 128 micro-batches take a few ms.
Played play(const PlaygroundSettings& settings);

}  // namespace shardpipe::viz
