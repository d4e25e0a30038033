#include "viz/draw/comparison_page.h"

#include <algorithm>

#include "core/base/error.h"
#include "viz/draw/parts.h"
#include "viz/model/tables.h"

namespace shardpipe::viz {
namespace {

constexpr float kTop = 8, kTitle = 25, kBetween = 14, kKey = 260;  // pixels

std::vector<Category> categories_of(const Compared& c) {
  std::vector<Category> all = c.a.categories();
  all.insert(all.end(), c.b.categories().begin(), c.b.categories().end());
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

// The last columns of both tables stand at the same height.
struct Tables {
  explicit Tables(const Compared& c)
      : times(times_table(c.comparison, c.name_a, c.name_b)),
        operations(operations_table(c.comparison, c.name_a, c.name_b)) {
    if (operations.rows.size() > times.rows.size()) operations.rows.resize(times.rows.size());
  }
  Table times, operations;
};

// One above the other: what was asked for, and what differs.
float tables_height(const Tables& tables, const TimelineView& view, const Metrics& m) {
  return table_height(tables.times, m) + table_height(view.table, m);
}

// How spans of b say what they are against a.
void paint_key(const Paper& paper, float x, float y) {
  const Metrics& m = paper.metrics;
  paper.canvas.clip(paper.box);
  const auto entry = [&](Colour colour, const char* words) {
    paper.canvas.fill({x, y + m.px(5), x + m.px(16), y + m.px(8)}, colour);
    paper.canvas.text({x + m.px(21), y}, paper.colours.dim_text, words, Face::small);
    x += m.px(40) + paper.canvas.text_width(words, Face::small);
  };
  entry(paper.colours.shorter, "shorter");
  entry(paper.colours.longer, "longer");
  entry(paper.colours.only_here, "only here");
  paper.canvas.unclip();
}

}  // namespace

ViewRange shifted(const ViewRange& range, const Comparison& comparison) {
  const double shift_ns = static_cast<double>(comparison.shift_ns);
  return {range.begin_ns - shift_ns, range.end_ns - shift_ns};
}

int comparison_height(const Compared& c, const TimelineView& view, const TimelineView& view_b,
                      float width, const Metrics& m) {
  return static_cast<int>(m.px(kTop) + 3 * m.px(kTitle) +
                          legend_height(categories_of(c), width, m) +
                          timeline_height(c.a, view, m) + timeline_height(c.b, view_b, m) +
                          2 * m.px(kBetween) + tables_height(Tables(c), view, m));
}

ComparedFrames paint_comparison(Canvas& canvas, const Compared& c, const TimelineView& view,
                                const TimelineView& view_b, const Box& box, const Metrics& m) {
  const Paper paper = {canvas, palette(view.is_dark), m, box};
  canvas.clip(box);
  canvas.fill(box, paper.colours.background);
  canvas.unclip();
  const std::vector<Category> categories = categories_of(c);
  const Tables tables(c);
  const float head = m.px(kTop) + 3 * m.px(kTitle) + legend_height(categories, box.width(), m);
  const float room = box.height() - head - tables_height(tables, view, m) - 2 * m.px(kBetween);
  const float high_a = timeline_height(c.a, view, m), high_b = timeline_height(c.b, view_b, m);
  const float share_a = room * high_a / (high_a + high_b);

  float y = paint_title(paper, box.y0 + m.px(kTop), text(c.name_a, " and ", c.name_b),
                        verdict(c.comparison, c.name_a, c.name_b));
  y = paint_legend(paper, y, categories);
  y = paint_title(paper, y, c.name_a, summary_of(c.a));
  const Frame a = paint_timeline(canvas, c.a, view, {box.x0, y, box.x1, y + share_a}, m, nullptr);
  Paper before_key = paper;
  before_key.box.x1 -= m.px(kKey);
  y = paint_title(before_key, y + share_a + m.px(kBetween), c.name_b, summary_of(c.b));
  paint_key(paper, before_key.box.x1, y - m.px(18));
  Paper above_difference = paper;
  above_difference.box.y1 = box.y1 - table_height(tables.times, m);
  const float bottom = paint_table_pane(above_difference, view.table);
  const Frame b =
      paint_timeline(canvas, c.b, view_b, {box.x0, y, box.x1, bottom}, m, &c.comparison);

  const Box pane = {box.x0, above_difference.box.y1, box.x1, box.y1};
  canvas.clip(pane);
  canvas.fill(pane, paper.colours.lane);
  const Point at = {pane.x0 + m.px(10), pane.y0 + m.px(6)};
  const float half = pane.width() / 2 - m.px(20);
  paint_table(paper, at, half, tables.times);
  paint_table(paper, {at.x + pane.width() / 2, at.y}, half, tables.operations);
  canvas.unclip();
  return {a, b};
}

}  // namespace shardpipe::viz
