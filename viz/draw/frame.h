// Frame: what the painters of one timeline share.
#pragma once

#include "viz/draw/canvas.h"
#include "viz/draw/layout.h"
#include "viz/draw/palette.h"
#include "viz/model/comparison.h"
#include "viz/model/timeline_view.h"

namespace shardpipe::viz {

struct Frame {
  Canvas& canvas;
  const TimelineModel& model;
  const TimelineView& view;
  const Palette& colours;
  Metrics metrics;
  Box box;      // all of the timeline
  Box plot;     // of it, where time runs
  Scale scale;  // of the plot
  Layout layout;
  const Comparison* comparison = nullptr;  // with the trace above, if there is one

  float top_of(const PlacedRow& row) const { return plot.y0 + row.y - view.scroll; }
  Box box_of(const PlacedRow& row) const {
    return {plot.x0, top_of(row), plot.x1, top_of(row) + row.height};
  }
  bool is_visible(float top, float height) const { return top + height > plot.y0 && top < plot.y1; }
  float x_of(std::int64_t ns) const { return scale.clamped_x(static_cast<double>(ns)); }
};

// The timeline of `model` in `box`: ruler, ranks, figures of each rank.
Frame frame_of(Canvas& canvas, const TimelineModel& model, const TimelineView& view, const Box& box,
               const Metrics& metrics);

// The row and the moment at a point of the picture; row is null outside of all rows.
struct Place {
  const PlacedRow* row = nullptr;
  double at_ns = 0;
};
Place place_at(const Frame& frame, Point point);

// The stretch there, or, between stretches, the idle time of the rank around it.
Selection selection_at(const Frame& frame, Point point);

// That of a span.
Selection selection_of(const TimelineModel& model, std::int32_t span);

// On the rank's lanes in their order, else the idle time around that moment.
Selection selection_on(const TimelineModel& model, int rank, double at_ns);

// The same idle time in a model that has grown.
Selection selection_again(const TimelineModel& model, const Selection& gap);

}  // namespace shardpipe::viz
