#include "viz/model/playground.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "core/base/error.h"
#include "core/schedule/builders.h"
#include "core/trace/schedule_trace.h"

namespace shardpipe::viz {
namespace {

std::string number(double value, int decimals) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%.*f", decimals, value);
  return buffer;
}

std::vector<std::string> lines_of(const Schedule& schedule, const Timing& timing) {
  std::string peaks;
  for (const int peak : timing.peak_in_flight) peaks += text(peaks.empty() ? "" : " ", peak);
  const double chunk = schedule.chunks;
  const int most = *std::max_element(timing.peak_in_flight.begin(), timing.peak_in_flight.end());
  return {
      text("makespan ", number(timing.makespan, 2), ", no schedule of this work can be below ",
           number(timing.lower_bound, 2), "; bubble ", number(100 * timing.bubble_over_ideal, 1),
           " % over the ideal, ", number(100 * timing.bubble_over_total, 1), " % of the total"),
      text("activations held at most: ", number(most / chunk, 2),
           " micro-batches of a rank; chunks by rank: ", peaks)};
}

bool leaves_choice(const std::string& schedule) {
  return schedule == "interleaved_1f1b" || schedule == "looped_bfs";
}

}  // namespace

std::vector<Knob> knobs_of(const PlaygroundSettings& s) {
  const std::vector<std::string>& names = schedule_names();
  const auto place = std::find(names.begin(), names.end(), s.schedule) - names.begin();
  const auto count = [](const char* name, int value, int most) {
    return Knob{name, static_cast<double>(value), 1, static_cast<double>(most),
                1,    std::to_string(value)};
  };
  const auto cost = [](const char* name, double value, double least) {
    return Knob{name, value, least, 4, 0.1, number(value, 1)};
  };
  std::vector<Knob> knobs = {
      {"schedule", static_cast<double>(place), 0, static_cast<double>(names.size() - 1), 1,
       s.schedule},
      count("stages", s.stages, 32),
      count("micro-batches", s.microbatches, 128),
      count("chunks", leaves_choice(s.schedule) ? s.chunks : default_chunks(s.schedule), 8),
      cost("forward", s.costs.F, 0.1),
      cost("input gradient", s.costs.I, 0),
      cost("weight gradient", s.costs.W, 0),
      cost("message", s.costs.C, 0)};
  return knobs;
}

PlaygroundSettings turned(const PlaygroundSettings& settings, std::size_t i, double value) {
  PlaygroundSettings s = settings;
  const Knob knob = knobs_of(settings).at(i);
  value = std::clamp(knob.least + std::round((value - knob.least) / knob.step) * knob.step,
                     knob.least, knob.most);
  const int whole = static_cast<int>(std::lround(value));
  switch (i) {
    case 0: s.schedule = schedule_names()[static_cast<std::size_t>(whole)]; break;
    case 1: s.stages = whole; break;
    case 2: s.microbatches = whole; break;
    case 3: s.chunks = whole; break;
    case 4: s.costs.F = value; break;
    case 5: s.costs.I = value; break;
    case 6: s.costs.W = value; break;
    case 7: s.costs.C = value; break;
    default: break;
  }
  return s;
}

Played play(const PlaygroundSettings& s) {
  Played played;
  try {
    const int chunks = leaves_choice(s.schedule) ? s.chunks : default_chunks(s.schedule);
    const Schedule schedule = build_schedule(s.schedule, s.stages, s.microbatches, chunks);
    const Timing timing = simulate(schedule, s.costs);
    played.trace = trace_of(schedule, timing, s.costs);
    played.lines = lines_of(schedule, timing);
  } catch (const Error& e) {
    played.refusal = e.what();
  }
  return played;
}

}  // namespace shardpipe::viz
