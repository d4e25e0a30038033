#include "viz/draw/page.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/trace/units.h"
#include "viz/draw/figures.h"
#include "viz/draw/marks.h"
#include "viz/draw/ruler.h"
#include "viz/model/describe.h"

namespace shardpipe::viz {
namespace {

constexpr std::size_t kDetailLines = 4;

// Where the entries of the legend go, line by line. Widths are taken to be those of wide letters,
// so that the number of lines is known before there is a canvas.
class Legend {
 public:
  Legend(float width, const Metrics& metrics) : width_(width), m_(metrics), x_(m_.px(10)) {}

  Point next(Category category) {
    const float letters = static_cast<float>(std::string_view(name_of(category)).size());
    const float entry = m_.px(32) + letters * m_.px(6.6F);
    if (x_ + entry > width_ && x_ > m_.px(10)) {
      x_ = m_.px(10);
      y_ += m_.px(17);
    }
    const Point at = {x_, y_};
    x_ += entry;
    return at;
  }

  float height() const { return y_ + m_.px(20); }

 private:
  float width_;
  const Metrics& m_;
  float x_, y_ = 0;
};

class Page {
 public:
  Page(Canvas& canvas, const TimelineModel& model, const TimelineView& view, const Box& box,
       const Metrics& metrics)
      : canvas_(canvas),
        model_(model),
        view_(view),
        colours_(palette(view.is_dark)),
        box_(box),
        m_(metrics) {}

  // Returns where the next line begins.
  float title(const std::string& name) {
    float y = box_.y0 + m_.px(8);
    canvas_.clip(box_);
    canvas_.text({box_.x0 + m_.px(10), y}, colours_.text, name, Face::title);
    const float after = box_.x0 + m_.px(24) + canvas_.text_width(name, Face::title);
    const float drop = canvas_.text_height(Face::title) - canvas_.text_height(Face::normal);
    canvas_.text({after, y + drop * 0.75F}, colours_.dim_text, summary_of(model_), Face::normal);
    canvas_.unclip();
    return y + canvas_.text_height(Face::title) + m_.px(6);
  }

  float legend(float y) {
    const float height = canvas_.text_height(Face::small), side = m_.px(10);
    Legend places(box_.width(), m_);
    canvas_.clip(box_);
    for (const Category category : model_.categories()) {
      const Point at = places.next(category);
      const float x = box_.x0 + at.x, top = y + at.y;
      const Box swatch = {x, top + (height - side) / 2, x + side, top + (height + side) / 2};
      canvas_.fill(swatch, colours_.of(category));
      if (category == Category::idle)
        for (float d = 0; d < side; d += m_.px(4))
          canvas_.line({swatch.x0 + d, swatch.y1}, {swatch.x1, swatch.y0 + d}, colours_.hatch,
                       m_.scale);
      canvas_.text({x + side + m_.px(5), top}, colours_.dim_text, name_of(category), Face::small);
    }
    canvas_.unclip();
    return y + places.height();
  }

  // At the bottom; returns its upper edge.
  float details() {
    const std::vector<std::string> lines = describe(model_, view_.selected);
    if (lines.empty()) return box_.y1;
    const float line = canvas_.text_height(Face::normal) + m_.px(3);
    const float height =
        line * static_cast<float>(std::min(lines.size(), kDetailLines)) + m_.px(14);
    const Box pane = {box_.x0, box_.y1 - height, box_.x1, box_.y1};
    canvas_.clip(pane);
    canvas_.fill(pane, colours_.lane);
    for (std::size_t i = 0; i < lines.size() && i < kDetailLines; ++i)
      canvas_.text({pane.x0 + m_.px(10), pane.y0 + m_.px(7) + line * static_cast<float>(i)},
                   i == 0 ? colours_.text : colours_.dim_text, lines[i], Face::normal);
    canvas_.unclip();
    return pane.y0;
  }

 private:
  Canvas& canvas_;
  const TimelineModel& model_;
  const TimelineView& view_;
  const Palette& colours_;
  Box box_;
  const Metrics& m_;
};

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

int page_height(const TimelineModel& model, const TimelineView& view, float width,
                const Metrics& metrics) {
  Legend legend(width, metrics);
  for (const Category category : model.categories()) legend.next(category);
  constexpr float kMost = 4000, kMostFull = 1600;
  // The title, a margin; the line of a face is about 17 pixels high.
  const auto lines = std::min(describe(model, view.selected).size(), kDetailLines);
  const float around = metrics.px(40) + legend.height() + metrics.ruler() +
                       (has_step_line(model) ? metrics.steps() : 0) +
                       metrics.px(17) * static_cast<float>(lines) +
                       (lines > 0 ? metrics.px(14) : 0);
  const Layout layout = lay_out(model, view.collapsed_ranks, metrics.px(kMostFull), true, metrics);
  return static_cast<int>(std::min(layout.height + around, metrics.px(kMost)));
}

Frame paint_page(Canvas& canvas, const TimelineModel& model, const TimelineView& view,
                 const std::string& name, const Box& box, const Metrics& metrics) {
  Page page(canvas, model, view, box, metrics);
  canvas.clip(box);
  canvas.fill(box, palette(view.is_dark).background);
  canvas.unclip();
  const float top = page.legend(page.title(name));
  const float bottom = page.details();
  const Frame frame = frame_of(canvas, model, view, {box.x0, top, box.x1, bottom}, metrics);
  paint_rows(frame);
  paint_ruler(frame);
  paint_figures(frame);
  paint_marks(frame);
  return frame;
}

}  // namespace shardpipe::viz
