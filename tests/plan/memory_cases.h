// Training steps whose memory is predicted and measured.
#pragma once

#include "core/plan/memory_model.h"
#include "tests/support/pipeline_cases.h"

namespace shardpipe {

// 250 words: on 4 ranks a padded vocabulary. 10 layers on 4 stages: an uneven split.
inline const DecoderConfig kGpt2 = {.layers = 10,
                                    .hidden = 64,
                                    .ffn = 256,
                                    .heads = 4,
                                    .kv_heads = 4,
                                    .vocabulary = 250,
                                    .sequence = 32};
inline const DecoderConfig kLlama = {.family = Family::llama,
                                     .layers = 10,
                                     .hidden = 64,
                                     .ffn = 96,
                                     .heads = 4,
                                     .kv_heads = 1,
                                     .vocabulary = 250,
                                     .sequence = 32,
                                     .tied = false};

struct Measured {
  std::vector<std::int64_t> peak_bytes = {};  // by rank
  std::vector<int> peak_in_flight = {};
};

// One step with AdamW of two sequences a micro-batch, with numbers or without.
Measured measure(const PipelineCase& c, bool modelled);

std::vector<MemoryEstimate> estimate(const PipelineCase& c);

// Empty if the estimates are what was measured, to the byte; otherwise the first rank that differs.
std::string first_difference(const PipelineCase& c, const Measured& measured);

// Every schedule that trains and exists for this grid with m micro-batches.
std::vector<PipelineCase> all_schedules(const DecoderConfig& config, GridShape grid, int m);

}  // namespace shardpipe
