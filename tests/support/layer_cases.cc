#include "tests/support/layer_cases.h"

namespace shardpipe {
namespace {

constexpr int kAllSizes[] = {1, 2, 3, 4, 8};

// Those of 1, 2, 3, 4, 8 that these heads can be shared among.
std::vector<int> possible_sizes(Index heads, Index kv_heads) {
  std::vector<int> tps;
  for (const int tp : kAllSizes)
    if (heads % tp == 0 && (kv_heads % tp == 0 || tp % kv_heads == 0)) tps.push_back(tp);
  return tps;
}

LayerTable mlp_case(const LayerSizes& s, MlpOptions options, bool gated) {
  const Index D = s.features(), F = s.ffn;
  return {.layer = {.name = text(gated ? "gated mlp " : "mlp ", name_of(options.pairing),
                                 options.gelu == GeluKind::erf ? " erf" : ""),
                    .make = [=](RankContext& ctx) -> std::unique_ptr<Layer> {
                      if (gated) return std::make_unique<GatedMlp>(ctx, "mlp", D, F, options);
                      return std::make_unique<Mlp>(ctx, "mlp", D, F, options);
                    },
                    .T = s.tokens,
                    .D = D,
                    .F = D},
          .tps = possible_sizes(s.heads, s.heads),
          .mlp = options};
}

}  // namespace

std::vector<LayerTable> mlp_cases(const LayerSizes& s) {
  std::vector<LayerTable> cases;
  for (const Pairing pairing :
       {Pairing::col_row, Pairing::col_col, Pairing::row_col, Pairing::row_row})
    cases.push_back(mlp_case(s, {.pairing = pairing}, false));
  cases.push_back(mlp_case(s, {.gelu = GeluKind::erf}, false));
  for (const Pairing pairing : {Pairing::col_row, Pairing::col_col})
    cases.push_back(mlp_case(s, {.pairing = pairing}, true));
  return cases;
}

std::vector<LayerTable> attention_cases(const LayerSizes& s) {
  std::vector<LayerTable> cases;
  for (const bool paired : {true, false})
    for (const Index kv_heads : {s.heads, s.heads / 2, Index{2}, Index{1}}) {
      // Biases and rotary positions both go with replicated key/value heads.
      const AttentionOptions o{.heads = s.heads,
                               .kv_heads = kv_heads,
                               .sequence = s.sequence,
                               .bias = kv_heads != s.heads / 2,
                               .rotary_theta = kv_heads == 1 || kv_heads == s.heads ? 0.0f : 3.0f,
                               .paired = paired};
      cases.push_back({.layer = {.name = text("attention, ", s.heads, " heads, ", kv_heads,
                                              " kv heads, paired ", paired),
                                 .make =
                                     [=, D = s.features()](RankContext& ctx) {
                                       return std::make_unique<Attention>(ctx, "attention", D, o);
                                     },
                                 .T = s.tokens,
                                 .D = s.features(),
                                 .F = s.features()},
                       .tps = possible_sizes(s.heads, kv_heads),
                       .attention = o});
    }
  return cases;
}

DecoderConfig model_of(const LayerSizes& s, Family family, Index kv_heads) {
  return {.family = family,
          .hidden = s.features(),
          .ffn = s.ffn,
          .heads = s.heads,
          .kv_heads = kv_heads,
          .sequence = s.sequence,
          .rotary_theta = 3};
}

std::vector<LayerTable> block_cases(const LayerSizes& s) {
  std::vector<LayerTable> cases;
  for (const bool paired : {true, false})
    for (const Family family : {Family::gpt2, Family::llama})
      for (const Index kv_heads : {s.heads, Index{2}}) {
        DecoderConfig model = model_of(s, family, kv_heads);
        model.paired = paired;
        const BlockOptions o = block_options(model);
        cases.push_back({.layer = {.name = text(name_of(family), " block, ", kv_heads,
                                                " kv heads, paired ", paired),
                                   .make =
                                       [=](RankContext& ctx) {
                                         return std::make_unique<TransformerBlock>(ctx, 0, o);
                                       },
                                   .T = s.tokens,
                                   .D = o.D,
                                   .F = o.D},
                         .tps = possible_sizes(s.heads, kv_heads),
                         .attention = o.attention});
      }
  return cases;
}

}  // namespace shardpipe
