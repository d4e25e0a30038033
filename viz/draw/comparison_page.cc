#include "viz/draw/comparison_page.h"

#include <algorithm>
#include <cmath>

#include "core/base/error.h"
#include "core/trace/units.h"
#include "viz/draw/parts.h"

namespace shardpipe::viz {
namespace {

constexpr float kTop = 8, kTitle = 25, kBetween = 14;  // pixels
constexpr std::size_t kLines = 5;                      // of each half of the table

std::vector<Category> categories_of(const Compared& c) {
  std::vector<Category> all = c.a.categories();
  all.insert(all.end(), c.b.categories().begin(), c.b.categories().end());
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

std::string signed_time(double ns) {
  const auto whole = static_cast<std::int64_t>(std::llround(ns));
  return whole == 0 ? "0" : (whole > 0 ? "+" : "-") + time_text(std::abs(whole));
}

float table_height(const Metrics& m) { return lines_height(kLines + 1, m); }

class Table {
 public:
  Table(const Paper& paper, float y) : paper_(paper), m_(paper.metrics), y_(y) {}

  void half(float x, const char* heading, const std::vector<Comparison::Line>& lines,
            const Compared& c) {
    row(x, 0, heading, c.name_a, c.name_b, "difference", paper_.colours.dim_text);
    for (std::size_t i = 0; i < std::min(kLines, lines.size()); ++i) {
      const Comparison::Line& l = lines[i];
      row(x, i + 1, l.name, time(l.a_ns), time(l.b_ns), signed_time(l.difference_ns()),
          colour_of(l));
    }
  }

 private:
  static std::string time(double ns) {
    return time_text(static_cast<std::int64_t>(std::llround(ns)));
  }

  Colour colour_of(const Comparison::Line& l) const {
    const double least = 0.01 * std::max(l.a_ns, l.b_ns);
    if (!l.is_cost || std::fabs(l.difference_ns()) <= least) return paper_.colours.dim_text;
    return l.difference_ns() < 0 ? paper_.colours.shorter : paper_.colours.longer;
  }

  void row(float x, std::size_t line, const std::string& name, const std::string& a,
           const std::string& b, const std::string& difference, Colour last) {
    const float y = y_ + m_.px(6) + m_.px(18) * static_cast<float>(line);
    const Colour words = line == 0 ? paper_.colours.dim_text : paper_.colours.text;
    paper_.canvas.text({x, y}, words, printable(name, 24), Face::small);
    right(x + m_.px(290), y, words, printable(a, 18));
    right(x + m_.px(420), y, words, printable(b, 18));
    right(x + m_.px(520), y, last, difference);
  }

  void right(float x, float y, Colour colour, const std::string& words) {
    paper_.canvas.text({x - paper_.canvas.text_width(words, Face::small), y}, colour, words,
                       Face::small);
  }

  const Paper& paper_;
  const Metrics& m_;
  float y_;
};

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

int comparison_height(const Compared& c, const TimelineView& view, float width, const Metrics& m) {
  return static_cast<int>(m.px(kTop) + 3 * m.px(kTitle) +
                          legend_height(categories_of(c), width, m) +
                          timeline_height(c.a, view, m) + timeline_height(c.b, view, m) +
                          2 * m.px(kBetween) + table_height(m));
}

ComparedFrames paint_comparison(Canvas& canvas, const Compared& c, const TimelineView& view,
                                const TimelineView& view_b, const Box& box, const Metrics& m) {
  const Paper paper = {canvas, palette(view.is_dark), m, box};
  canvas.clip(box);
  canvas.fill(box, paper.colours.background);
  canvas.unclip();
  const std::vector<Category> categories = categories_of(c);
  const float head = m.px(kTop) + 3 * m.px(kTitle) + legend_height(categories, box.width(), m);
  const float room = box.height() - head - table_height(m) - 2 * m.px(kBetween);
  const float high_a = timeline_height(c.a, view, m), high_b = timeline_height(c.b, view, m);
  const float share_a = room * high_a / (high_a + high_b);

  float y = paint_title(paper, box.y0 + m.px(kTop), text(c.name_a, " and ", c.name_b),
                        verdict(c.comparison, c.name_a, c.name_b));
  y = paint_legend(paper, y, categories);
  y = paint_title(paper, y, c.name_a, summary_of(c.a));
  const Frame a = paint_timeline(canvas, c.a, view, {box.x0, y, box.x1, y + share_a}, m, nullptr);
  y = paint_title(paper, y + share_a + m.px(kBetween), c.name_b, summary_of(c.b));
  paint_key(paper, box.x1 - m.px(260), y - m.px(18));
  const float bottom = box.y1 - table_height(m);
  const Frame b =
      paint_timeline(canvas, c.b, view_b, {box.x0, y, box.x1, bottom}, m, &c.comparison);

  canvas.clip({box.x0, bottom, box.x1, box.y1});
  canvas.fill({box.x0, bottom, box.x1, box.y1}, paper.colours.lane);
  Table table(paper, bottom);
  table.half(box.x0 + m.px(10), "mean of the ranks", c.comparison.times, c);
  table.half(box.x0 + m.px(10) + std::max(m.px(550), box.width() / 2), "operation",
             c.comparison.operations, c);
  canvas.unclip();
  return {a, b};
}

}  // namespace shardpipe::viz
