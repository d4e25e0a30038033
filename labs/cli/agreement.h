#pragma once

#include <vector>

#include "labs/lab.h"

namespace shardpipe {

// Prints the largest difference of the first losses (core/model/error_bound.h) of `runs` from those
// of one rank, and the bound of the step where it occurs. Returns the exit code: 1 if one is beyond
// its bound.
int print_agreement(const std::vector<const LabResult*>& runs, const std::vector<double>& one_rank);

}  // namespace shardpipe
