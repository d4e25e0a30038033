// A schedule and its timing in the formats of lab schedule.
#pragma once

#include <string>

#include "core/schedule/schedule.h"
#include "core/schedule/simulator.h"

namespace shardpipe {

struct TimedSchedule {
  Schedule schedule = {};
  Costs costs = {};
  Timing timing = {};
};

std::string schedule_table(const TimedSchedule& timed, bool colour);
std::string schedule_json(const TimedSchedule& timed);
std::string schedule_trace(const TimedSchedule& timed);  // Chrome JSON; one unit is one millisecond

}  // namespace shardpipe
