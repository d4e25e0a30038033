#include "viz/model/challenges.h"

#include <algorithm>
#include <cstdio>

#include "core/base/error.h"

namespace shardpipe::viz {
namespace {

std::string number(double value) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%.4g", value);
  return buffer;
}

// The knob of that name; its text is what a person sees.
std::string shown(const PlaygroundSettings& settings, const std::string& name) {
  for (const Knob& knob : knobs_of(settings))
    if (knob.name == name) return knob.text;
  return "";
}

}  // namespace

const std::vector<Challenge>& challenges() {
  static const std::vector<Challenge> all = {
      {.name = "Feed the pipe",
       .goal = "GPipe on 4 stages with a bubble of at most 10 %",
       .start = {.schedule = "gpipe", .stages = 4, .microbatches = 4},
       .fixed = {"schedule", "stages"},
       .bubble_over_ideal = 0.10,
       .answer = {.schedule = "gpipe", .stages = 4, .microbatches = 30}},
      {.name = "As busy, with less in hand",
       .goal = "the bubble of this GPipe, while no rank holds more than 4 micro-batches",
       .start = {.schedule = "gpipe", .stages = 4, .microbatches = 32},
       .fixed = {"stages", "micro-batches"},
       .bubble_over_ideal = 3.0 / 32,
       .held_microbatches = 4,
       .answer = {.schedule = "1f1b", .stages = 4, .microbatches = 32}},
      {.name = "Half the bubble",
       .goal = "8 stages, 16 micro-batches, a bubble of at most 22 %",
       .start = {.schedule = "1f1b", .stages = 8, .microbatches = 16},
       .fixed = {"stages", "micro-batches"},
       .bubble_over_ideal = 0.22,
       .answer = {.schedule = "interleaved_1f1b", .stages = 8, .microbatches = 16, .chunks = 2}},
      {.name = "For nothing",
       .goal = "a bubble of at most 13 % on 4 stages and 8 micro-batches, no more than 4 held",
       .start = {.schedule = "1f1b", .stages = 4, .microbatches = 8},
       .fixed = {"stages", "micro-batches"},
       .bubble_over_ideal = 0.13,
       .held_microbatches = 4,
       .answer = {.schedule = "zb_h1", .stages = 4, .microbatches = 8}},
      {.name = "A slow network",
       .goal = "messages that take 2: end within 45",
       .start = {.schedule = "1f1b", .stages = 4, .microbatches = 8, .costs = {.C = 2}},
       .fixed = {"stages", "micro-batches", "forward", "input gradient", "weight gradient",
                 "message"},
       .makespan = 45,
       .answer = {.schedule = "gpipe", .stages = 4, .microbatches = 8, .costs = {.C = 2}}},
      {.name = "8B on eight H100",
       .goal = "tp x stages = 8: a step of at most 640 ms within 60 GB a rank",
       .start = {.schedule = "gpipe", .stages = 8, .microbatches = 16, .model = "8B"},
       .fixed = {"micro-batches", "model", "hardware", "link latency", "link bandwidth"},
       .makespan = 640,
       .bytes = 60e9,
       .answer = {.schedule = "zb_h1", .stages = 4, .microbatches = 16, .model = "8B", .tp = 2}},
  };
  return all;
}

std::string unmet(const Challenge& c, const PlaygroundSettings& settings, const Played& played) {
  if (!played.refusal.empty()) return played.refusal;
  for (const std::string& knob : c.fixed)
    if (shown(settings, knob) != shown(c.start, knob))
      return text(knob, " is to stay ", shown(c.start, knob));
  const auto ranks = [](const PlaygroundSettings& s) { return s.tp * s.stages; };
  if (!c.start.model.empty() && ranks(settings) != ranks(c.start))
    return text("tp x stages is to stay ", ranks(c.start));
  constexpr double kRounding = 1 + 1e-9;
  const Figures& f = played.figures;
  const auto is_above = [](double value, double limit) {
    return limit > 0 && value > limit * kRounding;
  };
  if (is_above(f.bubble_over_ideal, c.bubble_over_ideal))
    return text("bubble ", number(100 * f.bubble_over_ideal), " %, at most ",
                number(100 * c.bubble_over_ideal), " % is asked");
  if (is_above(f.held_microbatches, c.held_microbatches))
    return text(number(f.held_microbatches), " micro-batches held, at most ",
                number(c.held_microbatches), " is asked");
  if (is_above(f.makespan, c.makespan))
    return text("makespan ", number(f.makespan), ", at most ", number(c.makespan), " is asked");
  const double bytes = f.bytes.empty() ? 0 : *std::max_element(f.bytes.begin(), f.bytes.end());
  if (is_above(bytes, c.bytes))
    return text(number(bytes * 1e-9), " GB, at most ", number(c.bytes * 1e-9), " GB is asked");
  return "";
}

}  // namespace shardpipe::viz
