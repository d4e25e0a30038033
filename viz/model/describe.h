#pragma once

#include <string>
#include <vector>

#include "viz/model/timeline_model.h"
#include "viz/model/timeline_view.h"

namespace shardpipe::viz {

// Lines for the details pane, the most important first; none for no selection.
//   span   name, rank, lane, when, how long; tags; bytes, flops, and the rate reached, beside the
//          peak of the trace's hardware where the trace is modelled on a profile of the kit
//   gap    how long the rank is idle, and why (core/trace/gap.h)
std::vector<std::string> describe(const TimelineModel& model, const Selection& selection);

// Of a range that was measured: its length, and what share of it the ranks compute, communicate
// exposed, wait, idle.
std::string describe_range(const TimelineModel& model, const ViewRange& range);

}  // namespace shardpipe::viz
