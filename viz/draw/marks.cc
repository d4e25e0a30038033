#include "viz/draw/marks.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <optional>

#include "core/trace/units.h"

namespace shardpipe::viz {
namespace {

constexpr std::size_t kMostArrows = 64;  // a collective of more ranks would hide the timeline

class Marks {
 public:
  explicit Marks(const Frame& frame)
      : frame_(frame), canvas_(frame.canvas), colours_(frame.colours), m_(frame.metrics) {
    for (std::size_t i = 0; i < frame.layout.rows.size(); ++i) {
      const PlacedRow& row = frame.layout.rows[i];
      if (row.kind != RowKind::lane || !row.is_first) continue;
      const auto lane = static_cast<std::size_t>(row.lane->lane);
      if (row_of_lane_.size() <= lane) row_of_lane_.resize(lane + 1, -1);
      row_of_lane_[lane] = static_cast<int>(i);
    }
    for (const PlacedRank& placed : frame.layout.ranks)
      if (placed.ranks.size() > 1) place_like_first(placed);
  }

  // A line under each span of the path, and from one rank to the next where the path changes rank.
  void critical_path() {
    std::optional<Point> last;
    for (const PathStep& step : frame_.model.stats().critical_path) {
      const std::optional<Box> box = box_of(frame_.model.span(step.span));
      if (!box) continue;
      const float y = box->y1 - m_.px(2);
      if (last && last->y != y && box->x0 > frame_.plot.x0)
        canvas_.line(*last, {box->x0, y}, colours_.critical, m_.px(1.5F));
      if (box->width() > 0)
        canvas_.fill({box->x0, y - m_.px(1), std::max(box->x1, box->x0 + 1), box->y1 + m_.px(1)},
                     colours_.critical);
      last = Point{box->x1, y};
    }
  }

  void selection() {
    const Selection& s = frame_.view.selected;
    if (s.what == Selection::What::span) {
      if (const std::optional<Box> box = box_of(frame_.model.span(s.span))) outline(*box);
      if (frame_.view.shows_flows) arrows(s.span);
    } else if (s.what == Selection::What::gap) {
      for (const PlacedRow& row : frame_.layout.rows) {
        if (row.group->rank != s.rank || row.kind != RowKind::lane || !row.is_first) continue;
        Box box = frame_.box_of(row);
        box.x0 = frame_.x_of(s.begin_ns);
        box.x1 = frame_.x_of(s.end_ns);
        outline(box);
        break;
      }
      if (frame_.view.shows_flows) chain(s.why);
    }
  }

  void measured() {
    const ViewRange& range = frame_.view.measured;
    if (range.length_ns() <= 0) return;
    const float x0 = frame_.scale.clamped_x(range.begin_ns),
                x1 = frame_.scale.clamped_x(range.end_ns);
    canvas_.fill({x0, frame_.plot.y0, x1, frame_.plot.y1}, colours_.selected.faded(0.10F));
    canvas_.fill({x0, frame_.plot.y0, x0 + 1, frame_.plot.y1}, colours_.selected.faded(0.7F));
    canvas_.fill({x1 - 1, frame_.plot.y0, x1, frame_.plot.y1}, colours_.selected.faded(0.7F));
  }

  // A line a mark, with the time to the first of them.
  void marks() {
    const std::vector<double>& marks_ns = frame_.view.marks_ns;
    for (std::size_t i = 0; i < marks_ns.size(); ++i) {
      if (marks_ns[i] < frame_.view.range.begin_ns || marks_ns[i] > frame_.view.range.end_ns)
        continue;
      const float x = std::floor(frame_.scale.clamped_x(marks_ns[i]));
      canvas_.fill({x, frame_.plot.y0, x + m_.px(1), frame_.plot.y1}, colours_.selected);
      const auto from_first_ns = static_cast<std::int64_t>(marks_ns[i] - marks_ns[0]);
      const std::string words =
          i == 0 ? "mark" : (from_first_ns < 0 ? "-" : "+") + time_text(std::abs(from_first_ns));
      canvas_.text({x + m_.px(4), frame_.plot.y1 - m_.px(16)}, colours_.selected, words,
                   Face::small);
    }
  }

 private:
  // Spans of ranks that are drawn as another one are painted on that one's lanes.
  void place_like_first(const PlacedRank& placed) {
    const std::vector<Lane>& lanes = frame_.model.trace().lanes;
    row_of_lane_.resize(lanes.size(), -1);
    for (std::size_t l = 0; l < lanes.size(); ++l) {
      if (!std::binary_search(placed.ranks.begin(), placed.ranks.end(), lanes[l].rank)) continue;
      for (const DrawnLane& first : placed.group->lanes) {
        const auto as = static_cast<std::size_t>(first.lane);
        if (lanes[as].stream == lanes[l].stream) row_of_lane_[l] = row_of_lane_[as];
      }
    }
  }

  // Where a span is painted; nothing if its lane is not shown or it lies outside of the view.
  std::optional<Box> box_of(const Span& span) const {
    const auto lane = static_cast<std::size_t>(span.lane);
    if (lane >= row_of_lane_.size() || row_of_lane_[lane] < 0) return {};
    const double begin_ns = static_cast<double>(span.ready_ns),
                 end_ns = static_cast<double>(span.end_ns);
    if (end_ns < frame_.view.range.begin_ns || begin_ns > frame_.view.range.end_ns) return {};
    Box box = frame_.box_of(frame_.layout.rows[static_cast<std::size_t>(row_of_lane_[lane])]);
    box.x0 = frame_.x_of(span.ready_ns);
    box.x1 = frame_.x_of(span.end_ns);
    return box;
  }

  // Who kept whom waiting, as stairs: along a rank the time in which it kept the one before it
  // waiting, then an arrow to that one, which could go on.
  void chain(const GapReason& why) {
    for (std::size_t i = 1; i < why.chain.size(); ++i) {
      const GapLink &link = why.chain[i], &kept = why.chain[i - 1];
      const std::optional<float> y = middle_of(link.rank), to = middle_of(kept.rank);
      if (!y || !to) continue;
      const float x0 = frame_.x_of(link.since_ns), x1 = frame_.x_of(link.until_ns);
      canvas_.fill({x0, *y - m_.px(1), x1, *y + m_.px(1)}, colours_.flow);
      if (*y == *to || x1 <= frame_.plot.x0 || x1 >= frame_.plot.x1) continue;
      const float head = m_.px(4), back = *to > *y ? -m_.px(7) : m_.px(7);
      canvas_.line({x1, *y}, {x1, *to + back}, colours_.flow, m_.px(1.5F));
      canvas_.triangle({x1, *to}, {x1 - head, *to + back}, {x1 + head, *to + back}, colours_.flow);
    }
  }

  // Of the rank's first lane, or of its strip if it is collapsed; nothing if there is no such rank.
  std::optional<float> middle_of(int rank) const {
    std::optional<float> middle;
    for (const PlacedRow& row : frame_.layout.rows) {
      if (row.group->rank != rank) continue;
      middle = frame_.top_of(row) + row.height / 2;
      if (row.kind == RowKind::lane) break;
    }
    return middle;
  }

  void outline(Box box) {
    const float d = m_.px(2);
    box.x1 = std::max(box.x1, box.x0 + 1);
    canvas_.outline({box.x0 - d, box.y0 - d, box.x1 + d, box.y1 + d}, colours_.selected, d);
  }

  void arrows(std::int32_t span) {
    const std::vector<std::int32_t> partners = partners_of(frame_.model.trace(), span);
    const std::optional<Box> from = box_of(frame_.model.span(span));
    if (!from || partners.size() > kMostArrows) return;
    for (const std::int32_t partner : partners)
      if (const std::optional<Box> to = box_of(frame_.model.span(partner))) arrow(*from, *to);
  }

  // From the middle of one span's begin to the other's, bending to the left.
  void arrow(const Box& from, const Box& to) {
    const bool is_down = to.y0 > from.y0;
    const Point a = {from.x0 + m_.px(3), is_down ? from.y1 : from.y0};
    const Point b = {to.x0 + m_.px(3), is_down ? to.y0 : to.y1};
    const float bend = (b.y - a.y) * 0.4F, head = m_.px(4), back = is_down ? -m_.px(7) : m_.px(7);
    canvas_.curve(a, {a.x - m_.px(10), a.y + bend}, {b.x - m_.px(10), b.y - bend},
                  {b.x, b.y + back}, colours_.flow, m_.px(1.5F));
    canvas_.triangle(b, {b.x - head, b.y + back}, {b.x + head, b.y + back}, colours_.flow);
  }

  const Frame& frame_;
  Canvas& canvas_;
  const Palette& colours_;
  const Metrics& m_;
  std::vector<int> row_of_lane_;  // in Layout::rows; -1: not shown
};

}  // namespace

void paint_marks(const Frame& frame) {
  Marks marks(frame);
  frame.canvas.clip({frame.plot.x0 - 4, frame.plot.y0, frame.plot.x1 + 4, frame.plot.y1});
  if (frame.view.shows_critical_path) marks.critical_path();
  marks.selection();
  marks.measured();
  marks.marks();
  frame.canvas.unclip();
}

}  // namespace shardpipe::viz
