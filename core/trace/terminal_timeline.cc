#include "core/trace/terminal_timeline.h"

#include <algorithm>
#include <array>
#include <climits>
#include <cmath>
#include <cstdio>
#include <set>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/trace/rank_rows.h"
#include "core/trace/sweep.h"
#include "core/trace/terminal_ink.h"
#include "core/trace/units.h"

namespace shardpipe {
namespace {

constexpr int kPercentWidth = 6;  // "  100%" at the right end of a row
constexpr int kFewestCells = 16;
constexpr std::string_view kLanes = "  compute ";  // behind the label of a row, or "  comm"

// What one rank did in the time of one character, in ns by Ink.
struct Cell {
  std::int64_t begin_ns = 0, end_ns = 0;
  std::array<std::int64_t, kNumInks> ns = {};
  std::int64_t later_ns = 0;  // of compute: in a later stage of the rank

  std::int64_t& at(Ink ink) { return ns[static_cast<std::size_t>(ink)]; }
  std::int64_t at(Ink ink) const { return ns[static_cast<std::size_t>(ink)]; }
};

bool is_compute(Ink ink) { return ink < Ink::exposed; }

using Inks = std::span<const Ink>;
constexpr Ink kComputeInks[] = {Ink::forward, Ink::backward, Ink::input_gradient,
                                Ink::weight_gradient, Ink::other};
constexpr Ink kCommInks[] = {Ink::exposed, Ink::hidden};

std::int64_t busy_ns(const Cell& cell, Inks inks) {
  std::int64_t ns = 0;
  for (const Ink ink : inks) ns += cell.at(ink);
  return ns;
}

// The scale all rows of a picture share.
struct Scale {
  std::int64_t begin_ns = 0, end_ns = 0;
  int cells = 0;
  int label_width = 0;

  // Where cell i begins, in integer ns: cells differ by at most 1 ns.
  std::int64_t edge_ns(int i) const {
    return begin_ns +
           static_cast<std::int64_t>(static_cast<long double>(end_ns - begin_ns) * i / cells);
  }
};

// Ranks that are drawn once.
struct DrawnRow {
  int rank = 0;
  std::string label = {};
  std::vector<int> stages = {};  // of the rank, ascending; empty: no pipeline

  std::string stage_label() const {
    if (stages.empty()) return "";
    return printable((stages.size() == 1 ? "stage " : "stages ") + list_of(stages), 22);
  }
};

// The stages of each rank; none where all ranks together have one.
std::vector<std::vector<int>> stages_by_rank(const Trace& trace) {
  std::vector<std::set<int>> found(static_cast<std::size_t>(trace.ranks()));
  std::set<int> all;
  for (const Span& span : trace.spans) {
    if (span.tags.stage < 0 || is_communication(span.kind)) continue;
    const Lane& lane = trace.lanes[static_cast<std::size_t>(span.lane)];
    found[static_cast<std::size_t>(lane.rank)].insert(span.tags.stage);
    all.insert(span.tags.stage);
  }
  std::vector<std::vector<int>> stages(found.size());
  for (std::size_t r = 0; all.size() > 1 && r < found.size(); ++r)
    stages[r].assign(found[r].begin(), found[r].end());
  return stages;
}

struct DrawnRows {
  std::vector<DrawnRow> rows = {};
  std::string left_out = {};

  int label_width() const {
    int width = 0;
    for (const DrawnRow& row : rows)
      width = std::max({width, width_of(row.label), width_of(row.stage_label())});
    return width;
  }
};

DrawnRows drawn_rows(const Trace& trace, const std::string& list) {
  const RankRows shown = rank_rows(trace, list);
  const std::vector<std::vector<int>> stages = stages_by_rank(trace);
  DrawnRows drawn{.left_out = left_out_line(shown)};
  for (const RankRow& ranks : shown.rows)
    drawn.rows.push_back(
        {ranks.front(), label_of(ranks), stages[static_cast<std::size_t>(ranks.front())]});
  return drawn;
}

void add(const RankState& piece, int first_stage, std::int64_t ns, Cell& cell) {
  switch (piece.compute) {
    case Work::forward: cell.at(Ink::forward) += ns; break;
    case Work::backward: cell.at(Ink::backward) += ns; break;
    case Work::backward_input: cell.at(Ink::input_gradient) += ns; break;
    case Work::backward_weight: cell.at(Ink::weight_gradient) += ns; break;
    case Work::other: cell.at(Ink::other) += ns; break;
    case Work::none: break;
  }
  if (piece.stage > first_stage) cell.later_ns += ns;
  if (piece.communicates)
    cell.at(piece.compute == Work::none ? Ink::exposed : Ink::hidden) += ns;
  else if (piece.waits)
    cell.at(Ink::waits) += ns;
}

std::vector<Cell> cells_of(const Trace& trace, const DrawnRow& row, const Scale& scale) {
  const int first_stage = row.stages.empty() ? INT_MAX : row.stages.front();
  std::vector<Cell> cells(static_cast<std::size_t>(scale.cells));
  for (int i = 0; i < scale.cells; ++i) {
    cells[static_cast<std::size_t>(i)].begin_ns = scale.edge_ns(i);
    cells[static_cast<std::size_t>(i)].end_ns = scale.edge_ns(i + 1);
  }
  std::size_t first = 0;
  for (const RankState& piece :
       sweep(trace, row.rank, scale.begin_ns, std::min(scale.end_ns, trace.wall_ns))) {
    while (first < cells.size() && cells[first].end_ns <= piece.begin_ns) ++first;
    for (std::size_t i = first; i < cells.size() && cells[i].begin_ns < piece.end_ns; ++i)
      add(piece, first_stage,
          std::min(piece.end_ns, cells[i].end_ns) - std::max(piece.begin_ns, cells[i].begin_ns),
          cells[i]);
  }
  return cells;
}

std::string percent(std::int64_t part, std::int64_t whole) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%*.0f%%", kPercentWidth - 1,
                whole > 0 ? 100.0 * static_cast<double>(part) / static_cast<double>(whole) : 0.0);
  return buffer;
}

// One row: its cells, then the share of the trace's own time that is busy.
std::string row(const std::string& label, const std::vector<Cell>& cells, Inks inks,
                bool shows_waits, std::int64_t wall_ns, const Scale& scale, InkSet& ink_set) {
  std::string out = label;
  out.resize(static_cast<std::size_t>(scale.label_width), ' ');
  std::int64_t total_ns = 0;
  double owed = 0;  // share of a cell that rounding has not drawn yet
  for (const Cell& cell : cells) {
    const std::int64_t length_ns = cell.end_ns - cell.begin_ns, busy = busy_ns(cell, inks);
    total_ns += busy;
    const Ink ink = *std::max_element(inks.begin(), inks.end(),
                                      [&](Ink a, Ink b) { return cell.at(a) < cell.at(b); });
    int level = 0;
    if (busy > 0) {
      owed += static_cast<double>(busy) / static_cast<double>(length_ns);
      const int levels = ink_set.levels(ink);
      level = std::clamp(static_cast<int>(std::lround(owed * levels)), 0, levels);
      owed -= static_cast<double>(level) / levels;
    }
    if (level > 0)
      ink_set.draw(ink, level, out, 2 * cell.later_ns > busy && is_compute(ink));
    else if (shows_waits && 2 * cell.at(Ink::waits) >= length_ns && cell.at(Ink::waits) > 0)
      ink_set.draw(Ink::waits, 1, out);
    else if (cell.begin_ns >= wall_ns && cell.begin_ns - wall_ns < length_ns)
      ink_set.end_mark(out);
    else
      out += ' ';
  }
  ink_set.stop_colour(out);
  return out + percent(total_ns, std::min(wall_ns, scale.end_ns) - scale.begin_ns) + "\n";
}

std::string rows(const Trace& trace, const DrawnRows& drawn, const Scale& scale, InkSet& ink_set) {
  std::string out;
  const int width = scale.label_width - static_cast<int>(kLanes.size());
  for (const DrawnRow& one : drawn.rows) {
    const std::vector<Cell> cells = cells_of(trace, one, scale);
    out += row(pad(one.label, -width) + "  compute", cells, kComputeInks, false, trace.wall_ns,
               scale, ink_set);
    out += row(pad(one.stage_label(), -width) + "  comm", cells, kCommInks, true, trace.wall_ns,
               scale, ink_set);
  }
  return out + drawn.left_out;
}

// The smallest of 1, 2, 5, 10, 20, ... ns at which labels of 9 columns do not touch.
std::int64_t tick_ns(const Scale& scale) {
  const double least_ns = 9.0 * static_cast<double>(scale.end_ns - scale.begin_ns) / scale.cells;
  for (std::int64_t power = 1;; power *= 10)
    for (const std::int64_t digit : {1, 2, 5})
      if (static_cast<double>(power * digit) >= least_ns) return power * digit;
}

// A round number of ns in its unit: "250 us", "1.2 ms".
std::string tick_text(std::int64_t ns, std::int64_t step_ns) {
  static constexpr struct {
    std::int64_t ns;
    const char* name;
  } kUnits[] = {{1, "ns"}, {1000, "us"}, {1000000, "ms"}, {1000000000, "s"}};
  const auto* unit = &kUnits[0];
  for (const auto& larger : kUnits)
    if (10 * step_ns >= larger.ns && std::max(ns, step_ns) >= larger.ns) unit = &larger;
  char buffer[48];
  const int decimals = step_ns % unit->ns == 0 ? 0 : 1;
  std::snprintf(buffer, sizeof buffer, "%.*f %s", decimals,
                static_cast<double>(ns) / static_cast<double>(unit->ns), unit->name);
  return buffer;
}

std::string axis(const Scale& scale) {
  const std::int64_t step_ns = tick_ns(scale);
  std::string out(static_cast<std::size_t>(scale.label_width), ' ');
  for (int i = 0; i < scale.cells;) {
    // The first multiple of the step at or after the cell's begin, if the cell holds it.
    const std::int64_t tick = (scale.edge_ns(i) + step_ns - 1) / step_ns * step_ns;
    if (tick >= scale.edge_ns(i + 1)) {
      out += ' ';
      ++i;
      continue;
    }
    const std::string label = "|" + tick_text(tick, step_ns);
    if (i + static_cast<int>(label.size()) > scale.cells) break;
    out += label;
    i += static_cast<int>(label.size());
  }
  return out.substr(0, out.find_last_not_of(' ') + 1) + "\n";
}

// label_width: of the widest name of a row.
Scale scale_of(std::int64_t end_ns, int label_width, const TimelineOptions& options) {
  Scale scale{.begin_ns = options.begin_ns, .end_ns = options.end_ns < 0 ? end_ns : options.end_ns};
  scale.label_width = label_width + static_cast<int>(kLanes.size());
  scale.cells = options.columns - scale.label_width - kPercentWidth;
  if (scale.cells < kFewestCells)
    usage_error(text("timeline: ", options.columns, " columns are too few: at least ",
                     options.columns - scale.cells + kFewestCells));
  if (scale.begin_ns < 0 || scale.end_ns < scale.begin_ns)
    usage_error(text("timeline: the window [", scale.begin_ns, ", ", scale.end_ns,
                     ") ns must begin at 0 or later and not end before it begins"));
  // At least 1 ns a cell.
  scale.end_ns = std::max(scale.end_ns, scale.begin_ns + scale.cells);
  return scale;
}

std::string title(const std::string& name, const Trace& trace, const Scale& scale) {
  const std::string hardware = trace.hardware.empty() ? "" : " on " + trace.hardware;
  const std::string line =
      text(name, name.empty() ? "" : ": ", trace.clock, hardware, ", ", trace.ranks(),
           trace.ranks() == 1 ? " rank, " : " ranks, ", time_text(trace.wall_ns));
  const int width = scale.label_width + scale.cells;
  return pad(printable(line, width), -width) + "  busy\n";
}

}  // namespace

std::string draw_timeline(const Trace& trace, const TimelineOptions& options) {
  const DrawnRows drawn = drawn_rows(trace, options.ranks);
  const Scale scale = scale_of(trace.wall_ns, drawn.label_width(), options);
  InkSet ink_set(options.colour, options.unicode);
  std::string out = title("", trace, scale) + axis(scale) + rows(trace, drawn, scale, ink_set);
  return out + ink_set.legend(options.columns);
}

std::string draw_pair(const std::string& name_a, const Trace& a, const std::string& name_b,
                      const Trace& b, const TimelineOptions& options) {
  const DrawnRows rows_a = drawn_rows(a, options.ranks), rows_b = drawn_rows(b, options.ranks);
  const Scale scale = scale_of(std::max(a.wall_ns, b.wall_ns),
                               std::max(rows_a.label_width(), rows_b.label_width()), options);
  InkSet ink_set(options.colour, options.unicode);
  std::string out = title(name_a, a, scale) + axis(scale) + rows(a, rows_a, scale, ink_set) + "\n" +
                    title(name_b, b, scale) + axis(scale) + rows(b, rows_b, scale, ink_set) + "\n";
  out += ink_set.legend(options.columns);
  if (a.wall_ns <= 0 || b.wall_ns <= 0) return out;
  char ratio[32];
  std::snprintf(ratio, sizeof ratio,
                "%.2fx: ", static_cast<double>(a.wall_ns) / static_cast<double>(b.wall_ns));
  const std::string verdict = text(ratio, printable(name_a, 24), " ", time_text(a.wall_ns), ", ",
                                   printable(name_b, 24), " ", time_text(b.wall_ns));
  return out + printable(verdict, options.columns) + "\n";
}

}  // namespace shardpipe
