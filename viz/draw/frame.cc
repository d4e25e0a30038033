#include "viz/draw/frame.h"

#include <algorithm>

#include "viz/model/gaps.h"

namespace shardpipe::viz {
namespace {

Selection selection_of(const Gap& gap) {
  if (gap.rank < 0) return {};
  return {Selection::What::gap, -1, gap.rank, gap.begin_ns, gap.end_ns};
}

}  // namespace

Frame frame_of(Canvas& canvas, const TimelineModel& model, const TimelineView& view, const Box& box,
               const Metrics& metrics) {
  const float ruler = metrics.ruler() + (has_step_line(model) ? metrics.steps() : 0);
  const Box plot = {box.x0 + metrics.gutter(), box.y0 + ruler, box.x1 - metrics.bars(), box.y1};
  const Scale scale = {view.range, plot.x0, std::max(1.0F, plot.width())};
  return {canvas,
          model,
          view,
          palette(view.is_dark),
          metrics,
          box,
          plot,
          scale,
          lay_out(model, view.collapsed_ranks, plot.height(), true, metrics),
          nullptr};
}

Place place_at(const Frame& frame, Point point) {
  if (!frame.plot.contains(point)) return {};
  for (const PlacedRow& row : frame.layout.rows) {
    const float top = frame.top_of(row);
    if (point.y >= top && point.y < top + row.height)
      return {&row, frame.scale.ns_at(static_cast<double>(point.x))};
  }
  return {};
}

Selection selection_at(const Frame& frame, Point point) {
  const Place place = place_at(frame, point);
  if (place.row == nullptr) return {};
  const Row& row = place.row->drawn->row;
  const std::size_t i = row.at(place.at_ns);
  if (i == row.size() || row[i].span < 0)
    return selection_of(gap_at(*place.row->group, place.at_ns));
  const Stretch s = row[i];
  return {Selection::What::span, s.span, place.row->group->rank, s.begin_ns, s.end_ns};
}

Selection selection_of(const TimelineModel& model, std::int32_t span) {
  const Span& s = model.span(span);
  return {Selection::What::span, span, model.rank_of(s), s.ready_ns, s.end_ns};
}

Selection selection_on(const RankGroup& group, double at_ns) {
  const Selection gap = selection_of(gap_at(group, at_ns));
  for (const DrawnLane& lane : group.lanes)
    for (const DrawnRow& drawn : lane.rows) {
      const std::size_t i = drawn.row.at(at_ns);
      if (i == drawn.row.size() || (drawn.row[i].category == Category::wait && gap.rank >= 0))
        continue;
      const Stretch s = drawn.row[i];
      return {Selection::What::span, s.span, group.rank, s.begin_ns, s.end_ns};
    }
  return gap;
}

}  // namespace shardpipe::viz
