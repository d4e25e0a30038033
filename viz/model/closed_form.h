// What the literature says a schedule takes, beside what the simulator finds (docs/schedules.md).
#pragma once

#include <optional>
#include <string>

#include "core/schedule/simulator.h"

namespace shardpipe::viz {

struct ClosedForm {
  std::string words = {};  // "(m + p - 1)(F + I + W)"
  double makespan = 0;
};

// Nothing where none holds: each has its range of costs and sizes.
std::optional<ClosedForm> closed_form(const Schedule& schedule, const Costs& costs);

}  // namespace shardpipe::viz
