#include "viz/model/playground.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "core/base/error.h"
#include "core/cost/hardware.h"
#include "core/schedule/builders.h"
#include "core/trace/schedule_trace.h"
#include "viz/model/answered_schedule.h"
#include "viz/model/closed_form.h"
#include "viz/model/model_costs.h"

namespace shardpipe::viz {
namespace {

std::string number(double value, int decimals) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%.*f", decimals, value);
  return buffer;
}

Figures figures_of(const Schedule& schedule, const Timing& timing, const ModelCosts& model) {
  const double chunk = schedule.chunks;
  const auto& held = timing.peak_in_flight;
  Figures f{.makespan = timing.makespan,
            .bubble_over_ideal = timing.bubble_over_ideal,
            .held_microbatches = *std::max_element(held.begin(), held.end()) / chunk,
            .held_chunks = held,
            .weight_bytes = model.weight_bytes,
            .capacity_bytes = model.capacity_bytes};
  if (model.capacity_bytes > 0)
    for (const int chunks : held)
      f.bytes.push_back(model.weight_bytes + chunks / chunk * model.kept_bytes);
  return f;
}

std::string closed_form_text(const Schedule& schedule, const Costs& costs) {
  const std::optional<ClosedForm> form = closed_form(schedule, costs);
  if (!form) return "no closed form for these costs";
  return text(form->words, " = ", number(form->makespan, 2));
}

// A bound of whole backwards is none for a schedule that cuts them.
std::string bound_text(const Timing& timing) {
  const std::string bound = number(timing.lower_bound, 2);
  if (timing.lower_bound_if_split == timing.lower_bound) return bound;
  return text(bound, " while backward stays whole, ", number(timing.lower_bound_if_split, 2),
              " if it is split");
}

std::vector<std::string> lines_of(const Schedule& schedule, const Timing& timing,
                                  const Costs& costs, const Figures& f) {
  std::string peaks;
  for (const int peak : f.held_chunks) peaks += text(peaks.empty() ? "" : " ", peak);
  std::string memory;
  if (!f.bytes.empty())
    memory =
        text("; worst rank ", number(*std::max_element(f.bytes.begin(), f.bytes.end()) * 1e-9, 1),
             " GB of ", number(f.capacity_bytes * 1e-9, 0), ", ", number(f.weight_bytes * 1e-9, 1),
             " GB weights");
  return {text("makespan ", number(timing.makespan, 2), "   ", closed_form_text(schedule, costs),
               "   bubble ", number(100 * timing.bubble_over_ideal, 1), " % over the ideal, ",
               number(100 * timing.bubble_over_total, 1), " % of the total"),
          text("F ", number(costs.F, 2), ", I ", number(costs.I, 2), ", W ", number(costs.W, 2),
               ", message ", number(costs.C, 2), " ms; no order of this work can be below ",
               bound_text(timing)),
          text("activations held at most: ", number(f.held_microbatches, 2),
               " micro-batches of a rank; chunks by rank: ", peaks, memory)};
}

// Names a knob chooses among.
std::vector<std::string> model_names() {
  std::vector<std::string> names = {""};
  for (const ModelShape& shape : model_shapes()) names.push_back(shape.name);
  return names;
}

Knob choice(const char* name, const std::vector<std::string>& names, const std::string& chosen) {
  const auto place = std::find(names.begin(), names.end(), chosen) - names.begin();
  return {name, static_cast<double>(place), 0, static_cast<double>(names.size() - 1), 1, chosen};
}

// With the learner's, if it is the one that is shown.
std::vector<std::string> schedules_beside(const std::string& chosen) {
  std::vector<std::string> names = schedule_names();
  if (is_answer(chosen)) names.push_back(chosen);
  return names;
}

bool leaves_choice(const std::string& schedule) {
  return schedule == "interleaved_1f1b" || schedule == "looped_bfs";
}

int chunks_of(const PlaygroundSettings& s) {
  if (is_answer(s.schedule)) return 1;
  return leaves_choice(s.schedule) ? s.chunks : default_chunks(s.schedule);
}

}  // namespace

std::vector<Knob> knobs_of(const PlaygroundSettings& s) {
  const auto count = [](const char* name, int value, int most) {
    return Knob{name, static_cast<double>(value), 1, static_cast<double>(most),
                1,    std::to_string(value)};
  };
  const auto cost = [](const char* name, double value, double least) {
    return Knob{name, value, least, 4, 0.1, number(value, 1)};
  };
  std::vector<Knob> knobs = {
      choice("schedule", schedules_beside(s.schedule), s.schedule), count("stages", s.stages, 32),
      count("micro-batches", s.microbatches, 128), count("chunks", chunks_of(s), 8),
      choice("model", model_names(), s.model)};
  if (s.model.empty()) {
    knobs[4].text = "none: costs by hand";
    knobs.insert(knobs.end(),
                 {cost("forward", s.costs.F, 0.1), cost("input gradient", s.costs.I, 0),
                  cost("weight gradient", s.costs.W, 0), cost("message", s.costs.C, 0)});
  } else {
    const double power = std::round(std::log2(s.tp));
    knobs.insert(knobs.end(),
                 {Knob{"tp", power, 0, 3, 1, std::to_string(s.tp)},
                  choice("hardware", hardware_names(), s.hardware),
                  Knob{"link latency", s.latency_us, 0, 200, 5, number(s.latency_us, 0) + " us"},
                  Knob{"link bandwidth", s.gigabytes_per_s, 1, 401, 4,
                       number(s.gigabytes_per_s, 0) + " GB/s"}});
  }
  return knobs;
}

PlaygroundSettings turned(const PlaygroundSettings& settings, std::size_t i, double value) {
  PlaygroundSettings s = settings;
  const Knob knob = knobs_of(settings).at(i);
  value = std::clamp(knob.least + std::round((value - knob.least) / knob.step) * knob.step,
                     knob.least, knob.most);
  const int whole = static_cast<int>(std::lround(value));
  const auto place = static_cast<std::size_t>(whole);
  const bool by_hand = s.model.empty();
  switch (i) {
    case 0: s.schedule = schedules_beside(settings.schedule)[place]; break;
    case 1: s.stages = whole; break;
    case 2: s.microbatches = whole; break;
    case 3: s.chunks = whole; break;
    case 4: s.model = model_names()[place]; break;
    case 5:
      if (by_hand)
        s.costs.F = value;
      else
        s.tp = 1 << whole;
      break;
    case 6:
      if (by_hand)
        s.costs.I = value;
      else
        s.hardware = hardware_names()[place];
      break;
    case 7: (by_hand ? s.costs.W : s.latency_us) = value; break;
    case 8: (by_hand ? s.costs.C : s.gigabytes_per_s) = value; break;
    default: break;
  }
  return s;
}

Played play(const PlaygroundSettings& s) {
  Played played;
  try {
    const Schedule schedule =
        is_answer(s.schedule) ? answered_schedule(s.schedule, s.stages, s.microbatches)
                              : build_schedule(s.schedule, s.stages, s.microbatches, chunks_of(s));
    ModelCosts model{.costs_ms = s.costs};
    if (!s.model.empty())
      model = model_costs({.model = s.model,
                           .hardware = s.hardware,
                           .tp = s.tp,
                           .stages = s.stages,
                           .latency_us = s.latency_us,
                           .gigabytes_per_s = s.gigabytes_per_s});
    const Timing timing = simulate(schedule, model.costs_ms);
    played.trace = trace_of(schedule, timing, model.costs_ms);
    played.figures = figures_of(schedule, timing, model);
    played.lines = lines_of(schedule, timing, model.costs_ms, played.figures);
  } catch (const Error& e) {
    played.refusal = e.what();
  }
  return played;
}

}  // namespace shardpipe::viz
