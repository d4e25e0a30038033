#include "viz/draw/frame.h"

#include <algorithm>

#include "viz/model/gaps.h"

namespace shardpipe::viz {
namespace {

Selection selection_of(const TimelineModel& model, const Gap& gap) {
  if (gap.rank < 0) return {};
  return {.what = Selection::What::gap,
          .rank = gap.rank,
          .begin_ns = gap.begin_ns,
          .end_ns = gap.end_ns,
          .why = why_gap(model.trace(), gap.rank, gap.begin_ns, gap.end_ns)};
}

Selection selection_of(std::int32_t rank, const Stretch& s) {
  return {.what = Selection::What::span,
          .span = s.span,
          .rank = rank,
          .begin_ns = s.begin_ns,
          .end_ns = s.end_ns};
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
          lay_out(model, view, plot.height(), true, metrics),
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
    return selection_of(frame.model, gap_at(*place.row->group, place.at_ns));
  return selection_of(place.row->group->rank, row[i]);
}

Selection selection_of(const TimelineModel& model, std::int32_t span) {
  const Span& s = model.span(span);
  return {.what = Selection::What::span,
          .span = span,
          .rank = model.rank_of(s),
          .begin_ns = s.ready_ns,
          .end_ns = s.end_ns};
}

Selection selection_on(const TimelineModel& model, int rank, double at_ns) {
  const RankGroup& group = model.ranks()[static_cast<std::size_t>(rank)];
  const Gap gap = gap_at(group, at_ns);
  for (const DrawnLane& lane : group.lanes)
    for (const DrawnRow& drawn : lane.rows) {
      const std::size_t i = drawn.row.at(at_ns);
      if (i == drawn.row.size() || (drawn.row[i].category == Category::wait && gap.rank >= 0))
        continue;
      return selection_of(group.rank, drawn.row[i]);
    }
  return selection_of(model, gap);
}

Selection selection_again(const TimelineModel& model, const Selection& gap) {
  return selection_of(model, Gap{gap.rank, gap.begin_ns, gap.end_ns});
}

}  // namespace shardpipe::viz
