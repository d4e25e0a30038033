// What the literature says a schedule costs, as formulas beside their words. The tests hold the
// simulator against the formulas, and docs/schedules.md prints the words.
//   p ranks, m micro-batches, v chunks, rank r; F, I, W of a whole rank, B = I + W; no latency
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/schedule/schedule.h"
#include "core/schedule/simulator.h"

namespace shardpipe {

struct Size {
  int p = 1, m = 1, v = 1;
};

// What a paper calls the bubble.
enum class Measure : std::uint8_t {
  none,
  over_ideal,  // makespan / work - 1, as Timing::bubble_over_ideal
  over_total,  // 1 - work / makespan
  of_span,     // (longest span of a rank - work) / span: of the zero-bubble papers
  time         // makespan - work
};

struct Publication {
  const char* words = "-";
  const char* bubble_words = "-";
  Measure measure = Measure::none;
};
const Publication& publication(const std::string& schedule);

struct ClosedForm {
  const char* name = "";
  const char* makespan_words = "";
  const char* peak_words = "";  // on rank r, in stages x micro-batches
  const char* wins = "";
  std::function<double(const Size&, const Costs&)> makespan = {};
  std::function<int(const Size&, int r)> peak = {};
  // Where the makespan holds, among the sizes that the builder accepts.
  std::function<bool(const Size&, const Costs&)> holds = [](const Size&, const Costs&) {
    return true;
  };
};

const std::vector<ClosedForm>& closed_forms();  // one for each of schedule_names(), in that order
const ClosedForm& closed_form(const std::string& name);

// All sizes with p <= 8, m <= 32 and up to 4 chunks that the builder accepts. There is at least
// one.
std::vector<Size> valid_sizes(const std::string& name);

// The ratios of F, I and W that the formulas are held against.
const std::vector<Costs>& cost_triples();

}  // namespace shardpipe
