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
  Costs costs = {};                              // where no model is chosen
  std::string model = {};                        // model_costs.h; "": costs are set by hand
  int tp = 1;
  std::string hardware = "8xH100";
  double latency_us = 10, gigabytes_per_s = 50;  // of the link between stages
};

// What can be turned: a number within a range. The value of a knob of names is the place of the
// name in its list. The last four depend on whether a model is chosen.
struct Knob {
  std::string name = {};
  double value = 0, least = 0, most = 1, step = 1;

  std::string text = {};  // of the value
};
constexpr std::size_t kNumKnobs = 9;

std::vector<Knob> knobs_of(const PlaygroundSettings& settings);

// With knob `i` turned to the nearest allowed value.
PlaygroundSettings turned(const PlaygroundSettings& settings, std::size_t i, double value);

struct Figures {
  double makespan = 0, bubble_over_ideal = 0;
  double held_microbatches = 0;       // on the rank that holds most, as shares of its whole model
  std::vector<int> held_chunks = {};  // by rank
  // By rank, of a model: weights with optimizer, and with what is held on top.
  double weight_bytes = 0, capacity_bytes = 0;
  std::vector<double> bytes = {};
};

struct Played {
  Trace trace = {};          // the screen moves it on into its viewer
  std::string refusal = {};  // why there is no such schedule; then the trace is empty
  Figures figures = {};
  // Makespan, bubble, the closed form beside it; costs of the model; what each rank holds.
  std::vector<std::string> lines = {};
};

// Linear in the number of actions: tests/bench/bench_questions has the time of 32 stages x 128
// micro-batches.
Played play(const PlaygroundSettings& settings);

}  // namespace shardpipe::viz
