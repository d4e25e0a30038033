// The page: title, legend, timeline, and what is known about the selection.
#pragma once

#include <string>
#include <vector>

#include "viz/draw/frame.h"
#include "viz/draw/rows.h"

namespace shardpipe::viz {

// Paints all of `box`. `name`: of the trace, for the title. Returns the timeline's frame, to find
// what a point shows (its canvas must not be used after the canvas is gone).
Frame paint_page(Canvas& canvas, const TimelineModel& model, const TimelineView& view,
                 const std::string& name, const Box& box, const Metrics& metrics);

// The height at which everything fits, at most 4,000 pixels.
int page_height(const TimelineModel& model, const TimelineView& view, float width,
                const Metrics& metrics);

// "modelled on 8xH100, 4 ranks, 21.01 ms: compute 83 %, exposed communication 17 %, idle 0.1 %"
std::string summary_of(const TimelineModel& model);

}  // namespace shardpipe::viz
