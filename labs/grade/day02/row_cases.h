// How a row-parallel linear with bias is graded: several exercises ask for one. They differ in what
// a rank is given.
#pragma once

#include "exercises/day02_linear/row_linear.h"
#include "labs/grade/device_cases.h"

namespace shardpipe {

struct RowGiven {
  bool whole_x = false;      // x [T,D] instead of [T,D/t]; then there is memory for a [T,D/t]
  bool bias_on_one = false;  // only rank 0 of the group has a bias; the others' is empty
};

std::vector<DeviceCase> row_cases(RowForward forward, std::uint64_t seed, RowGiven given = {});

}  // namespace shardpipe
