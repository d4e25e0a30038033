// What a right 1F1B is, for the exercises that build one and that test one.
#pragma once

#include <cstdint>

#include "labs/grade/schedule_cases.h"

namespace shardpipe {

struct PipelineSize {
  int ranks = 1, microbatches = 1;
  std::string words() const;  // "3 ranks, 6 micro-batches"
};

// At least 3 ranks and twice as many micro-batches, where all wrong schedules are seen.
PipelineSize seeded_size(std::uint64_t seed);

// The limits: (m+p-1)(F+B), min(p-r, m). The answer is still to be filled in.
ScheduleCase one_f_one_b_case(PipelineSize size);

// What is wrong with a schedule of this size: no findings if it is a right 1F1B.
Trial judge_1f1b(const Schedule& schedule, PipelineSize size);

}  // namespace shardpipe
