#pragma once

#include "core/trace/longest_gaps.h"
#include "viz/model/timeline_model.h"

namespace shardpipe::viz {

// The gap around a moment; none if the rank works then, or the trace does not reach there.
Gap gap_at(const RankGroup& group, double at_ns);

}  // namespace shardpipe::viz
