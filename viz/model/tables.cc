#include "viz/model/tables.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "core/base/error.h"
#include "core/trace/ideal_schedule.h"
#include "core/trace/units.h"
#include "core/trace/what_if.h"
#include "viz/model/prediction.h"

namespace shardpipe::viz {
namespace {

std::string ratio_text(std::int64_t measured_ns, std::int64_t predicted_ns) {
  if (predicted_ns <= 0) return "-";
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%.2f",
                static_cast<double>(measured_ns) / static_cast<double>(predicted_ns));
  return buffer;
}

std::string time(double ns) { return time_text(static_cast<std::int64_t>(std::llround(ns))); }

std::string signed_time(double ns) {
  const auto whole = static_cast<std::int64_t>(std::llround(ns));
  return whole == 0 ? "0" : (whole > 0 ? "+" : "-") + time_text(std::abs(whole));
}

Tone tone_of(const Comparison::Line& line) {
  const double least = 0.01 * std::max(line.a_ns, line.b_ns);
  if (!line.is_cost || std::fabs(line.difference_ns()) <= least) return Tone::plain;
  return line.difference_ns() < 0 ? Tone::good : Tone::bad;
}

Table lines_table(const char* heading, const std::vector<Comparison::Line>& lines,
                  const std::string& a, const std::string& b, bool differing_only) {
  Table table{.columns = {heading, a, b, "difference"}, .rows = {}};
  for (const Comparison::Line& l : lines) {
    if (table.rows.size() == kMostRows) break;
    if (differing_only && std::fabs(l.difference_ns()) < 1) continue;
    table.rows.push_back(
        {{l.name, time(l.a_ns), time(l.b_ns), signed_time(l.difference_ns())}, tone_of(l)});
  }
  if (table.rows.empty())
    table.rows.push_back({{"none takes another time", "", "", ""}, Tone::plain});
  return table;
}

}  // namespace

Table what_if_table(const Trace& trace) {
  Table table{.columns = {"if it took no time", "busy, all ranks", "wall then", "saved"},
              .rows = {}};
  for (const WhatIfRow& row : what_if_free(trace)) {
    if (table.rows.size() == kMostRows) break;
    table.rows.push_back({{row.what, time_text(row.busy_ns), bounds_text(row.wall),
                           saving_text(row.wall, trace.wall_ns)},
                          Tone::plain});
  }
  return table;
}

Table prediction_table(const Trace& trace, const std::string& hardware) {
  const std::string profile = hardware.empty() ? trace.hardware : hardware;
  Table table{.columns = {"operation, all ranks", "times", trace.clock,
                          profile.empty() ? "predicted" : "predicted, " + profile, "ratio"},
              .rows = {}};
  if (profile.empty())
    table.rows.push_back({{"name a profile: --hardware laptop", "", "", "", ""}, Tone::plain});
  else
    for (const Predicted& p : predict(trace, load_hardware(profile))) {
      if (table.rows.size() + 1 == kMostRows) break;
      table.rows.push_back({{p.name, std::to_string(p.count), time_text(p.measured_ns),
                             time_text(p.predicted_ns), ratio_text(p.measured_ns, p.predicted_ns)},
                            Tone::plain});
    }
  if (const IdealSchedule ideal = ideal_schedule(trace); ideal.refusal.empty())
    table.rows.push_back({{"cells, beside their own schedule", std::to_string(ideal.cells.size()),
                           time_text(ideal.measured_ns), time_text(ideal.ideal_ns) + " ideal",
                           ratio_text(ideal.measured_ns, ideal.ideal_ns)},
                          Tone::plain});
  return table;
}

Table times_table(const Comparison& comparison, const std::string& a, const std::string& b) {
  return lines_table("mean of the ranks", comparison.times, a, b, false);
}

Table operations_table(const Comparison& comparison, const std::string& a, const std::string& b) {
  return lines_table("operation", comparison.operations, a, b, true);
}

}  // namespace shardpipe::viz
