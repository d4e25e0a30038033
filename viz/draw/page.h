// The page of one trace: title, legend, timeline, and what is known about the selection.
#pragma once

#include <string>

#include "viz/draw/frame.h"

namespace shardpipe::viz {

// Paints all of `box`. `name`: of the trace, for the title. Returns the timeline's frame, to find
// what a point shows. `comparison`: as in paint_timeline.
Frame paint_page(Canvas& canvas, const TimelineModel& model, const TimelineView& view,
                 const std::string& name, const Box& box, const Metrics& metrics,
                 const Comparison* comparison = nullptr);

// The height at which everything fits.
int page_height(const TimelineModel& model, const TimelineView& view, float width,
                const Metrics& metrics);

// The timeline alone. `comparison`: of a trace with this one, whose spans then show how they
// changed.
Frame paint_timeline(Canvas& canvas, const TimelineModel& model, const TimelineView& view,
                     const Box& box, const Metrics& metrics, const Comparison* comparison);
float timeline_height(const TimelineModel& model, const TimelineView& view, const Metrics& metrics);

// "modelled on 8xH100, 4 ranks, 21.01 ms: compute 83 %, exposed communication 17 %, idle 0.1 %"
std::string summary_of(const TimelineModel& model);

}  // namespace shardpipe::viz
