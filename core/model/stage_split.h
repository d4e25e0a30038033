// Which layers each pipeline stage gets: contiguous, every layer once, the slowest stage as fast as
// possible. The head counts as 2 D V flops a token beside a block's matrix products and attention;
// looking up an embedding costs next to nothing (docs/pipeline_parallelism.md).
#pragma once

#include <vector>

#include "core/model/decoder_stage.h"

namespace shardpipe {

// Forward flops of one token.
double block_flops(const DecoderConfig& config);
double head_flops(const DecoderConfig& config);

// Usage error if there are fewer layers than stages: each stage has at least one.
std::vector<StageRange> split_into_stages(const DecoderConfig& config, int stages);

// The same with `layers` units of cost 1 and one of cost `head` at the end; returns the number of
// layers of each stage. Of several best splits the one with most layers in the last stage, and the
// others as even as can be.
std::vector<int> balance_layers(int layers, int stages, double head);

}  // namespace shardpipe
