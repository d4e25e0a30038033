#pragma once

#include <vector>

#include "labs/lab.h"

namespace shardpipe {

// Prints how far the first losses of `runs` are from those of one rank, and the bound of that step
// (Check::loss_bounds of a run that was compared with it). Returns the exit code: 1 if one is
// beyond its bound.
int print_agreement(const std::vector<const LabResult*>& runs, const std::vector<double>& one_rank,
                    const std::vector<double>& bounds);

}  // namespace shardpipe
