#include "core/model/config.h"

#include <cmath>

namespace shardpipe {

const char* name_of(Family family) { return family == Family::gpt2 ? "gpt2" : "llama"; }

Family parse_family(std::string_view name) {
  if (name == "gpt2") return Family::gpt2;
  if (name == "llama") return Family::llama;
  usage_error(text("family '", name, "' is unknown (allowed: gpt2, llama)"));
}

const char* name_of(OptimizerRecipe recipe) {
  return recipe == OptimizerRecipe::full ? "full" : "lean";
}

OptimizerRecipe parse_recipe(std::string_view name) {
  if (name == "full") return OptimizerRecipe::full;
  if (name == "lean") return OptimizerRecipe::lean;
  usage_error(text("--optimizer-recipe '", name, "' is unknown (allowed: full, lean)"));
}

WeightType weight_type(const DecoderConfig& c) {
  return {c.dtype, c.recipe == OptimizerRecipe::full ? DType::f32 : c.dtype};
}

void check_config(const DecoderConfig& c, int tp) {
  auto at_least_one = [](Index value, const char* flag) {
    if (value < 1) usage_error(text(flag, " ", value, ": must be at least 1"));
  };
  at_least_one(tp, "--tp");
  at_least_one(c.layers, "--layers");
  at_least_one(c.hidden, "--hidden");
  at_least_one(c.ffn, "--ffn");
  at_least_one(c.heads, "--heads");
  at_least_one(c.kv_heads, "--kv-heads");
  at_least_one(c.vocabulary, "--vocab");
  at_least_one(c.sequence, "--seq");
  if (c.heads % tp != 0)
    usage_error(text("--heads ", c.heads, " do not divide among --tp ", tp,
                     " ranks (allowed: a --tp that divides ", c.heads, ")"));
  if (c.ffn % tp != 0)
    usage_error(text("--ffn ", c.ffn, " does not divide among --tp ", tp,
                     " ranks (allowed: a --tp that divides ", c.ffn, ")"));
  if (c.hidden % c.heads != 0)
    usage_error(text("--heads ", c.heads, " must divide --hidden ", c.hidden));
  if (c.family == Family::llama && c.hidden / c.heads % 2 != 0)
    usage_error(text("rotary embedding needs an even head dimension: --hidden ", c.hidden,
                     " / --heads ", c.heads, " is ", c.hidden / c.heads));
  head_share(c.heads, c.kv_heads, tp);
  if (!(c.norm_epsilon > 0) || !std::isfinite(c.norm_epsilon))
    usage_error(text("the epsilon of norms is ", c.norm_epsilon, ": must be a positive number"));
  if (c.twin.style != TpStyle::plain && (!c.paired || c.fused))
    usage_error(text("--style ", name_of(c.twin.style), ": a ", c.fused ? "fused" : "naive",
                     " block has none (allowed: plain)"));
  if (c.fused && !c.paired) usage_error("a naive block cannot be fused (allowed: paired)");
}

void check_tokens(const DecoderConfig& c, Index tokens, int tp) {
  if (splits_tokens(c.twin.style) && tokens % tp != 0)
    usage_error(text("--style ", name_of(c.twin.style), ": ", tokens,
                     " tokens of a micro-batch do not divide among --tp ", tp, " ranks"));
}

BlockOptions block_options(const DecoderConfig& c) {
  const bool gpt2 = c.family == Family::gpt2;
  return {.D = c.hidden,
          .F = c.ffn,
          .attention = {.heads = c.heads,
                        .kv_heads = c.kv_heads,
                        .sequence = c.sequence,
                        .bias = gpt2,
                        .rotary_theta = gpt2 ? 0 : c.rotary_theta,
                        .paired = c.paired,
                        .twin = c.twin,
                        .dtype = weight_type(c)},
          .mlp = {.pairing = c.paired ? Pairing::col_row : Pairing::col_col,
                  .bias = gpt2,
                  .gelu = c.gelu,
                  .twin = c.twin,
                  .dtype = weight_type(c)},
          .gated = !gpt2,
          .norm = gpt2 ? NormKind::layer_norm : NormKind::rms_norm,
          .norm_epsilon = c.norm_epsilon};
}

std::unique_ptr<Layer> make_block(RankContext& ctx, int layer, const DecoderConfig& config) {
  const BlockOptions options = block_options(config);
  if (config.fused) return std::make_unique<FusedBlock>(ctx, layer, options, FusedSum::all_reduce);
  return std::make_unique<TransformerBlock>(ctx, layer, options);
}

Index count_parameters(const DecoderConfig& c) {
  const bool gpt2 = c.family == Family::gpt2;
  const Index D = c.hidden, F = c.ffn, kv = D / c.heads * c.kv_heads;
  const Index norm = gpt2 ? 2 * D : D;
  Index block = 2 * norm + D * (D + 2 * kv) + D * D + (gpt2 ? 2 : 3) * D * F;
  if (gpt2) block += D + 2 * kv + D + F + D;
  const Index positions = gpt2 ? c.sequence * D : 0;
  return c.layers * block + (c.tied ? 1 : 2) * c.vocabulary * D + positions + norm;
}

}  // namespace shardpipe
