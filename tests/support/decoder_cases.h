// Whole decoders over which the tests of core/model run, and one training step of them.
#pragma once

#include "core/model/decoder.h"
#include "tests/support/ranks.h"

namespace shardpipe {

struct DecoderCase {
  std::string name = {};
  DecoderConfig config = {};
  std::vector<int> tps = {};
};

// Both families, tied and untied, paired and naive, with multi-head, grouped-query and multi-query
// attention (key/value heads split and replicated), with vocabularies that do not divide, one of
// them smaller than the number of ranks. head_size: C; the hidden size is heads * C.
std::vector<DecoderCase> decoder_cases(Index heads, Index head_size, const std::vector<int>& tps);

// Every style of tensor parallelism and fused blocks, in both families, one of them tied. Two
// key/value heads: shared by ranks for tp > 2.
std::vector<DecoderCase> style_cases(const std::vector<int>& tps);

// The whole model from `fill`: forward and backward of `microbatches` micro-batches of two
// sequences each, all in flight at once. Holds loss0, loss1, ... and every gradient.
RankResult run_decoder(RankContext& ctx, const DecoderConfig& config, const Fill& fill, float scale,
                       int microbatches);

// The tokens of run_decoder; targets are the tokens of seed microbatch + 100.
inline Index tokens_of(const DecoderConfig& config) { return 2 * config.sequence; }
std::vector<std::int32_t> tokens_of(const DecoderConfig& config, int microbatch);
std::vector<std::int32_t> targets_of(const DecoderConfig& config, int microbatch);

}  // namespace shardpipe
