// Where ranks are idle: waiting and idling that follow each other are one gap.
#pragma once

#include "viz/model/timeline_model.h"

namespace shardpipe::viz {

struct Gap {
  std::int32_t rank = -1;  // -1: none
  std::int64_t begin_ns = 0, end_ns = 0;

  std::int64_t length_ns() const { return end_ns - begin_ns; }
};

// The gap around a moment; none if the rank works then, or the trace does not reach there.
Gap gap_at(const RankGroup& group, double at_ns);

// Of all ranks, the longest first, `most` at most; of equally long ones the earliest first.
std::vector<Gap> longest_gaps(const TimelineModel& model, std::size_t most);

}  // namespace shardpipe::viz
