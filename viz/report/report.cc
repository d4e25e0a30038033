#include "viz/report/report.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/base/markup.h"
#include "core/trace/longest_gaps.h"
#include "core/trace/units.h"
#include "viz/draw/comparison_page.h"
#include "viz/model/tables.h"
#include "viz/picture/svg_canvas.h"
#include "viz/report/html.h"

namespace shardpipe::viz {
namespace {

constexpr int kWidth = 1140;        // of a timeline, pixels
constexpr int kMostHeight = 16384;  // of very many ranks the first

std::string share(std::int64_t part_ns, std::int64_t whole_ns) {
  return time_text(part_ns) + ", " + percent_text(part_ns, whole_ns);
}

Table rank_table(const TimelineModel& model, const RankRows& shown) {
  Table table{.columns = {"", "compute", "exposed communication", "hidden communication", "idle"},
              .rows = {}};
  const std::int64_t wall_ns = model.stats().wall_ns;
  for (const RankRow& row : shown.rows) {
    const RankTime& t = model.stats().ranks[static_cast<std::size_t>(row.front())];
    table.rows.push_back(
        {{label_of(row), share(t.compute_ns, wall_ns), share(t.exposed_comm_ns, wall_ns),
          share(t.overlapped_comm_ns, wall_ns), share(t.idle_ns, wall_ns)},
         Tone::plain});
  }
  return table;
}

// Of a training run the last step: the first ones warm up, and all together are too small to read.
ViewRange last_step(const TimelineModel& model) {
  const double end_ns = std::max(1.0, static_cast<double>(model.end_ns()));
  if (model.steps().size() < 2) return {0, end_ns};
  const double begin_ns = static_cast<double>(model.steps().back().begin_ns);
  return begin_ns < end_ns ? ViewRange{begin_ns, end_ns} : ViewRange{0, end_ns};
}

// What paints the same picture, light and dark, as two SVGs of which the reader sees one.
template <class Paint>
std::string figure(int height, int& pictures, const std::string& caption, const Paint& paint) {
  std::string both;
  for (const bool is_dark : {false, true}) {
    SvgCanvas canvas(kWidth, height, text("p", ++pictures, "c"));
    paint(canvas, Box{0, 0, kWidth, static_cast<float>(height)}, is_dark);
    both += element(is_dark ? "div class=\"dark\"" : "div class=\"light\"", canvas.finish());
  }
  return element("figure", both + element("figcaption", escaped(caption)));
}

// Ranks that do the same are drawn once; where each differs from all others they are as they were.
std::vector<RankRow> drawn_rows(const TimelineModel& model, const RankRows& shown) {
  return shown.rows.size() == model.ranks().size() ? std::vector<RankRow>{} : shown.rows;
}

std::string timeline(const NamedModel& trace, const RankRows& shown, int& pictures) {
  TimelineView view;
  view.rows = drawn_rows(trace.model, shown);
  view.range = last_step(trace.model);
  view.shows_critical_path = true;
  const int whole = page_height(trace.model, view, kWidth, Metrics{});
  const int height = std::min(whole, kMostHeight);
  const std::string which = trace.model.steps().size() > 1
                                ? text("Step ", trace.model.steps().back().step, ", the last.")
                                : "The whole trace.";
  return figure(height, pictures,
                which +
                    " The thin strip of a rank says what it does at each moment; the underlined "
                    "chain of operations is the critical path." +
                    (whole > height ? text(" Of ", trace.model.ranks().size(),
                                           " ranks the first: all would be ", whole, " px high.")
                                    : "") +
                    (shown.left_out.empty() ? "" : " Left out: " + left_out_line(shown)),
                [&](Canvas& canvas, const Box& box, bool is_dark) {
                  view.is_dark = is_dark;
                  paint_page(canvas, trace.model, view, trace.name, box, Metrics{});
                });
}

std::string gaps(const Trace& trace) {
  std::string items;
  for (const GapReason& reason : explain_gaps(trace, kExplainedGaps))
    items += element(
        "li", escaped(text("at ", time_text(reason.begin_ns), ": ", reason.sentence(), ".")));
  if (items.empty()) return "";
  return element("h3", "The longest gaps, and why") + element("ol", "\n" + items);
}

// A modelled trace would agree with its own profile.
std::string prediction(const Trace& trace, const std::string& hardware) {
  if (hardware.empty() || trace.clock != "measured") return "";
  return element("h3", "Beside what the hardware profile predicts") +
         table_html(prediction_table(trace, hardware));
}

std::string about_trace(const NamedModel& trace, const Report& report, int& pictures) {
  const TimelineModel& model = trace.model;
  const RankRows shown = rank_rows(model.trace(), report.ranks);
  return element(text("h2 id=\"", escaped(trace.name), "\""), escaped(trace.name)) +
         paragraph(summary_of(model)) + timeline(trace, shown, pictures) +
         table_html(rank_table(model, shown)) + gaps(model.trace()) +
         element("h3", "What if it took no time?") +
         paragraph(
             "The trace run again, one kind of operation free, everything else as it was. A "
             "range: the trace leaves open what waited for what.") +
         table_html(what_if_table(model.trace())) + prediction(model.trace(), report.hardware);
}

std::string about_pair(const NamedModel& a, const NamedModel& b, const std::string& ranks,
                       int& pictures) {
  const Comparison comparison = compare(a.model, b.model);
  const Compared compared = {a.model, b.model, a.name, b.name, comparison};
  TimelineView view;
  view.range = last_step(a.model);
  const ViewRange range_b = last_step(b.model);
  if (a.model.steps().size() < 2)
    view.range.end_ns =
        std::max(view.range.end_ns, range_b.end_ns + static_cast<double>(comparison.shift_ns));
  TimelineView view_b = view;
  view.rows = drawn_rows(a.model, rank_rows(a.model.trace(), ranks));
  view_b.rows = drawn_rows(b.model, rank_rows(b.model.trace(), ranks));
  // Last steps together, where there are several.
  view_b.range = a.model.steps().size() < 2 || b.model.steps().size() < 2
                     ? shifted(view.range, comparison)
                     : ViewRange{range_b.begin_ns, range_b.begin_ns + view.range.length_ns()};
  const int height = comparison_height(compared, view, view_b, kWidth, Metrics{});
  return element("h2", escaped(text(a.name, " and ", b.name))) +
         paragraph(verdict(comparison, a.name, b.name) + ".") +
         figure(height, pictures,
                "Both on one time axis. A line along the top of an operation: it is shorter or "
                "longer than its like above by more than 5 %, or has none.",
                [&](Canvas& canvas, const Box& box, bool is_dark) {
                  view.is_dark = view_b.is_dark = is_dark;
                  paint_comparison(canvas, compared, view, view_b, box, Metrics{});
                }) +
         table_html(operations_table(comparison, a.name, b.name));
}

}  // namespace

std::string to_html(const Report& report) {
  int pictures = 0;
  std::string body = element(
      "p class=\"dim\"",
      "Each rank is a group of rows. Idle time is hatched; communication that no compute covers "
      "has "
      "an outline. Measured times are of this machine; modelled ones are of the machine named "
      "beside them. Modelled times compare with modelled ones only.");
  std::string links;
  for (const auto& trace : report.traces)
    links += element(text("a href=\"#", escaped(trace->name), "\""), escaped(trace->name));
  body += element("nav", links);
  for (const auto& [a, b] : report.pairs)
    body += about_pair(*report.traces.at(a), *report.traces.at(b), report.ranks, pictures);
  for (const auto& trace : report.traces) body += about_trace(*trace, report, pictures);
  return page_html(report.title, body);
}

}  // namespace shardpipe::viz
