// Text generated on tp x pp ranks with a cache, and on one rank without: layers of training that
// compute every position again for each token.
#pragma once

#include "core/model/inference_pipeline.h"
#include "tests/support/ranks.h"

namespace shardpipe {

struct InferenceCase {
  DecoderConfig config = {};
  GridShape grid = {};
  InferenceOptions options = {};
  int tokens = 6;  // N
};

// Group j: B prompts of 2 + j % 2 tokens.
std::vector<std::vector<std::int32_t>> prompts_of(const InferenceCase& c);

// Holds "group<j>" [B, prompt + N] on the ranks of the first and the last stage.
RankResult run_inference(RankContext& ctx, const InferenceCase& c, const Fill& fill);

// The same sequences on one rank: no cache, no InferenceStage, the largest logit found on the host.
RankResult run_recomputed(RankContext& ctx, const InferenceCase& c, const Fill& fill);

// "llama tp2 pp4 g=8 lag 2"
std::string to_string(const InferenceCase& c);

}  // namespace shardpipe
