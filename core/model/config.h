// DecoderConfig: the shape of a decoder-only language model, in the two common families.
//   gpt2   LayerNorm, GELU, biases, learned positions, tied embeddings
//   llama  RMSNorm, gated MLP, rotary positions, grouped-query heads, no biases
#pragma once

#include <string>
#include <string_view>

#include "core/tensor_parallel/fused_block.h"

namespace shardpipe {

enum class Family { gpt2, llama };

const char* name_of(Family family);
Family parse_family(std::string_view name);

struct DecoderConfig {
  Family family = Family::gpt2;
  int layers = 2;
  Index hidden = 64, ffn = 256, heads = 4, kv_heads = 4;
  Index vocabulary = 256;
  Index sequence = 64;  // positions a sequence may have
  bool tied = true;     // the head's table is the embedding's
  bool paired = true;   // false: the naive twin, everything gathered after every linear
  TpTwin twin = {};     // how the linears of a block talk; naive, fused and inference: plain only
  bool fused = false;   // FusedBlock (fused_block.h) instead of TransformerBlock
  GeluKind gelu = GeluKind::tanh;
  float rotary_theta = 10000;
  DType dtype = DType::f32;
};

// Usage error, with what is allowed, unless the shape is possible on `tp` ranks.
void check_config(const DecoderConfig& config, int tp);

// Usage error unless `tokens` of a micro-batch divide among tp ranks, where the style splits them.
void check_tokens(const DecoderConfig& config, Index tokens, int tp);

BlockOptions block_options(const DecoderConfig& config);
std::unique_ptr<Layer> make_block(RankContext& ctx, int layer, const DecoderConfig& config);

// Weights of the whole model, before padding.
Index count_parameters(const DecoderConfig& config);

}  // namespace shardpipe
