// The page of two traces: one above the other on one time axis, and a table of what differs.
#pragma once

#include "viz/draw/page.h"
#include "viz/model/comparison.h"

namespace shardpipe::viz {

struct Compared {
  const TimelineModel& a;
  const TimelineModel& b;
  const std::string& name_a;
  const std::string& name_b;
  const Comparison& comparison;
};

struct ComparedFrames {
  Frame a, b;
};

// `view` is a's; b's times are shifted so that the first steps begin together.
ComparedFrames paint_comparison(Canvas& canvas, const Compared& compared, const TimelineView& view,
                                const TimelineView& view_b, const Box& box, const Metrics& metrics);

int comparison_height(const Compared& compared, const TimelineView& view,
                      const TimelineView& view_b, float width, const Metrics& metrics);

// The range of b that lies under `range` of a.
ViewRange shifted(const ViewRange& range, const Comparison& comparison);

}  // namespace shardpipe::viz
