// DecoderConfig: the shape of a decoder-only language model, in the two common families.
//   gpt2   LayerNorm, GELU, biases, learned positions, tied embeddings
//   llama  RMSNorm, gated MLP, rotary positions, grouped-query heads, no biases
#pragma once

#include <string>
#include <string_view>

#include "core/tensor_parallel/fused_block.h"

namespace shardpipe {

enum class Family { gpt2, llama };

// What a step keeps of a bf16 weight, with AdamW's two states of f32 (8 bytes):
//   full   gradient and a master of the weight in f32: 2 + 4 + 4 + 8 = 18 bytes (Micikevicius et
//          al., arXiv:1710.03740; Rajbhandari et al., arXiv:1910.02054, section 3.1, with f32
//          gradients)
//   lean   gradient in bf16, no master: 2 + 2 + 8 = 12 bytes. Sums of gradients lose small terms,
//          and steps below half a unit in the last place of a weight leave it where it is.
// Of an f32 weight both keep 4 + 4 + 8 = 16 bytes.
enum class OptimizerRecipe { full, lean };

const char* name_of(Family family);
Family parse_family(std::string_view name);
const char* name_of(OptimizerRecipe recipe);
OptimizerRecipe parse_recipe(std::string_view name);

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
  float norm_epsilon = kNormEpsilon;
  DType dtype = DType::f32;
  OptimizerRecipe recipe = OptimizerRecipe::full;
};

WeightType weight_type(const DecoderConfig& config);

// Usage error, with what is allowed, unless the shape is possible on `tp` ranks.
void check_config(const DecoderConfig& config, int tp);

// Usage error unless `tokens` of a micro-batch divide among tp ranks, where the style splits them.
void check_tokens(const DecoderConfig& config, Index tokens, int tp);

BlockOptions block_options(const DecoderConfig& config);
std::unique_ptr<Layer> make_block(RankContext& ctx, int layer, const DecoderConfig& config);

// Weights of the whole model, before padding.
Index count_parameters(const DecoderConfig& config);

}  // namespace shardpipe
