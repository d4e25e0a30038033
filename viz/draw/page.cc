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
    float x = box_.x0 + m_.px(10);
    const float height = canvas_.text_height(Face::small), side = m_.px(10);
    canvas_.clip(box_);
    for (const Category category : model_.categories()) {
      const Box swatch = {x, y + (height - side) / 2, x + side, y + (height + side) / 2};
      canvas_.fill(swatch, colours_.of(category));
      if (category == Category::idle)
        for (float d = 0; d < side; d += m_.px(4))
          canvas_.line({swatch.x0 + d, swatch.y1}, {swatch.x1, swatch.y0 + d}, colours_.hatch,
                       m_.scale);
      x += side + m_.px(5);
      canvas_.text({x, y}, colours_.dim_text, name_of(category), Face::small);
      x += canvas_.text_width(name_of(category), Face::small) + m_.px(16);
    }
    canvas_.unclip();
    return y + height + m_.px(6);
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
