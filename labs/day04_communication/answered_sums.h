// The sums of many tensors of exercise day04_bucketing, so that the lab runs them.
#pragma once

#include "core/collectives/collective.h"
#include "labs/harness.h"

namespace shardpipe {

using SumMany = std::function<void(const std::vector<Tensor>&, const CollectiveContext&)>;

// The learner's, with the break-even that he finds for the machine of the options. Loads the answer
// (labs/answers.h).
SumMany answered_sums(const LabOptions& options);

// Sums of tensors of several sizes; each is compared with one rank that adds what all bring.
LabResult run_answered_sums(const std::string& lab, const LabOptions& options);

}  // namespace shardpipe
