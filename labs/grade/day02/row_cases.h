// How a row-parallel linear with bias is graded: two exercises ask for one.
#pragma once

#include "exercises/day02_linear/row_linear.h"
#include "labs/grade/device_cases.h"

namespace shardpipe {

std::vector<DeviceCase> row_cases(RowForward forward, std::uint64_t seed);

}  // namespace shardpipe
