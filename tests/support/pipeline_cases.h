// One training step of a decoder on tp x pp x dp, and the same on one rank without a pipeline.
#pragma once

#include "core/model/pipeline_decoder.h"
#include "tests/support/decoder_cases.h"

namespace shardpipe {

struct PipelineCase {
  DecoderConfig config = {};
  GridShape grid = {};
  PipelineOptions options = {};
  GridOrder order = kDefaultOrder;
};

// Forward and backward of all micro-batches; holds loss<k> of every one and every gradient.
RankResult run_pipeline(RankContext& ctx, const PipelineCase& c, const Fill& fill);
// The same micro-batches one after the other through a Decoder. Called with a grid of one rank.
RankResult run_without_pipeline(RankContext& ctx, const PipelineCase& c, const Fill& fill);

// "zb_h1 m=4 v=1 tp2 pp2 dp1"
std::string to_string(const PipelineCase& c);

// Does the schedule exist for this number of ranks and micro-batches?
bool is_valid(const PipelineOptions& options, int pp);

}  // namespace shardpipe
