// A schedule and its timing in the formats of lab schedule.
#pragma once

#include <iosfwd>
#include <string>

#include "core/base/json.h"
#include "core/schedule/schedule.h"
#include "core/schedule/simulator.h"

namespace shardpipe {

struct TimedSchedule {
  Schedule schedule = {};
  Costs costs = {};
  Timing timing = {};
};

std::string schedule_table(const TimedSchedule& timed, bool colour);
// more: an object whose members are written, too.
void write_schedule_json(const TimedSchedule& timed, std::ostream& out,
                         const Json& more = Json::object());
std::string schedule_trace(const TimedSchedule& timed);  // Chrome JSON; one unit is one millisecond

}  // namespace shardpipe
