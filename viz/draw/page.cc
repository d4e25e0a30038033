#include "viz/draw/page.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/trace/units.h"
#include "viz/draw/figures.h"
#include "viz/draw/marks.h"
#include "viz/draw/parts.h"
#include "viz/draw/rows.h"
#include "viz/draw/ruler.h"
#include "viz/model/describe.h"

namespace shardpipe::viz {
namespace {

constexpr std::size_t kDetailLines = 6;
constexpr float kTop = 8, kTitle = 25, kBottom = 8;  // pixels

std::vector<std::string> details_of(const TimelineModel& model, const TimelineView& view) {
  std::vector<std::string> lines = describe(model, view.selected);
  if (view.measured.length_ns() > 0)
    lines.insert(lines.begin(), describe_range(model, view.measured));
  if (!view.note.empty()) lines.insert(lines.begin(), view.note);
  if (lines.size() > kDetailLines) lines.resize(kDetailLines);
  return lines;
}

}  // namespace

std::string summary_of(const TimelineModel& model) {
  const Trace& trace = model.trace();
  const RankTime& total = model.stats().total;
  const std::int64_t all_ns = trace.wall_ns * trace.ranks();
  const std::string hardware = trace.hardware.empty() ? "" : " on " + trace.hardware;
  return text(trace.clock, hardware, ", ", trace.ranks(),
              trace.ranks() == 1 ? " rank, " : " ranks, ", time_text(trace.wall_ns), ": compute ",
              percent_text(total.compute_ns, all_ns), ", exposed communication ",
              percent_text(total.exposed_comm_ns, all_ns), ", idle ",
              percent_text(total.idle_ns, all_ns));
}

float timeline_height(const TimelineModel& model, const TimelineView& view,
                      const Metrics& metrics) {
  constexpr float kMostFull = 1600;  // ranks that need more are collapsed
  const Layout layout = lay_out(model, view, metrics.px(kMostFull), true, metrics);
  return layout.height + metrics.ruler() + (has_step_line(model) ? metrics.steps() : 0) + 1;
}

int page_height(const TimelineModel& model, const TimelineView& view, float width,
                const Metrics& metrics) {
  const float head =
      metrics.px(kTop) + metrics.px(kTitle) + legend_height(model.categories(), width, metrics);
  return static_cast<int>(head + timeline_height(model, view, metrics) + metrics.px(kBottom) +
                          lines_height(details_of(model, view).size(), metrics) +
                          table_height(view.table, metrics));
}

Frame paint_timeline(Canvas& canvas, const TimelineModel& model, const TimelineView& view,
                     const Box& box, const Metrics& metrics, const Comparison* comparison) {
  Frame frame = frame_of(canvas, model, view, box, metrics);
  frame.comparison = comparison;
  paint_rows(frame);
  paint_ruler(frame);
  paint_figures(frame);
  paint_marks(frame);
  return frame;
}

Frame paint_page(Canvas& canvas, const TimelineModel& model, const TimelineView& view,
                 const std::string& name, const Box& box, const Metrics& metrics,
                 const Comparison* comparison) {
  const Paper paper = {canvas, palette(view.is_dark), metrics, box};
  canvas.clip(box);
  canvas.fill(box, paper.colours.background);
  canvas.unclip();
  const float after_title = paint_title(paper, box.y0 + metrics.px(kTop), name, summary_of(model));
  const float top = paint_legend(paper, after_title, model.categories());
  Paper above_details = paper;
  above_details.box.y1 = paint_lines(paper, details_of(model, view));
  const float bottom = paint_table_pane(above_details, view.table);
  return paint_timeline(canvas, model, view, {box.x0, top, box.x1, bottom}, metrics, comparison);
}

}  // namespace shardpipe::viz
