// The second half of lab demo: the same model under tensor times pipeline parallelism.
#pragma once

#include <string>
#include <vector>

#include "labs/lab.h"

namespace shardpipe {

// Runs LAB with these flags.
LabResult run_flags(const std::string& lab, const std::string& flags);

// Trains on tp=2 x pp=2 under three schedules, prints how they compare with `one_rank` (losses of
// the same training on one rank; bounds: of its first steps) and with each other, draws them and
// writes their traces into `folder`. shape: the flags of the model. Returns the exit code.
int demo_pipelines(const std::vector<double>& one_rank, const std::vector<double>& bounds,
                   const std::string& shape, const std::string& folder);

}  // namespace shardpipe
