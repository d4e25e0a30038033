// The layers that several tests run over: every MLP, attention and block, plain and paired.
#pragma once

#include "core/model/config.h"
#include "tests/support/layer_runs.h"

namespace shardpipe {

// A size, its name and the tensor-parallel sizes it is possible for.
struct LayerTable {
  LayerCase layer = {};
  std::vector<int> tps = {};
  MlpOptions mlp = {};              // mlp_cases
  AttentionOptions attention = {};  // attention_cases, block_cases
};

struct LayerSizes {
  Index tokens = 16, sequence = 8;  // T, S
  Index heads = 24, head_size = 4;  // H, C; features D = H C
  Index ffn = 48;                   // F
  Index features() const { return heads * head_size; }
};

// A model of such layers, for block_options(). Rotary positions turn fast: theta is 3.
DecoderConfig model_of(const LayerSizes& sizes, Family family, Index kv_heads);

// Mlp in its four pairings, with both forms of GELU, and GatedMlp in its two, all with biases.
std::vector<LayerTable> mlp_cases(const LayerSizes& sizes);

// Multi-head, grouped-query and multi-query attention, with key/value heads split and replicated,
// with and without rotary positions and biases; each paired and naive.
std::vector<LayerTable> attention_cases(const LayerSizes& sizes);

// Both families, paired and naive, with multi-head and grouped-query attention.
std::vector<LayerTable> block_cases(const LayerSizes& sizes);

}  // namespace shardpipe
