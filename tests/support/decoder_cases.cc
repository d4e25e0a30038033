#include "tests/support/decoder_cases.h"

namespace shardpipe {

std::vector<DecoderCase> decoder_cases(Index heads, Index head_size, const std::vector<int>& tps) {
  auto row = [&](Family family, Index kv_heads, Index vocabulary, bool tied, bool paired) {
    DecoderCase c = {
        .name = text(name_of(family), ", ", kv_heads, " kv heads, vocabulary ", vocabulary,
                     tied ? ", tied" : ", untied", paired ? ", paired" : ", naive"),
        .config = {.family = family,
                   .layers = 2,
                   .hidden = heads * head_size,
                   .ffn = 48,
                   .heads = heads,
                   .kv_heads = kv_heads,
                   .vocabulary = vocabulary,
                   .sequence = 8,
                   .tied = tied,
                   .paired = paired,
                   .rotary_theta = 3},
        .tps = {}};
    for (const int tp : tps)
      if (kv_heads % tp == 0 || tp % kv_heads == 0) c.tps.push_back(tp);
    return c;
  };
  return {row(Family::gpt2, heads, 50, true, true),       row(Family::gpt2, heads, 50, true, false),
          row(Family::gpt2, 2, 5, false, true),           row(Family::llama, heads, 50, true, true),
          row(Family::llama, heads / 2, 50, false, true), row(Family::llama, 2, 50, true, true),
          row(Family::llama, 2, 5, false, false),         row(Family::llama, 1, 50, false, true)};
}

std::vector<DecoderCase> style_cases(const std::vector<int>& tps) {
  std::vector<DecoderCase> all;
  for (const Family family : {Family::gpt2, Family::llama}) {
    const DecoderConfig plain = {.family = family,
                                 .hidden = 96,
                                 .ffn = 48,
                                 .heads = 24,
                                 .kv_heads = 2,
                                 .vocabulary = 50,
                                 .sequence = 8,
                                 .tied = family == Family::gpt2,
                                 .rotary_theta = 3};
    for (const TpStyle style : all_tp_styles()) {
      DecoderCase c = {text(name_of(family), ", ", name_of(style)), plain, tps};
      c.config.twin = {.style = style, .chunks = 3};
      all.push_back(c);
    }
    DecoderCase fused = {text(name_of(family), ", fused"), plain, tps};
    fused.config.fused = true;
    all.push_back(fused);
  }
  return all;
}

RankResult run_decoder(RankContext& ctx, const DecoderConfig& config, const Fill& fill, float scale,
                       int microbatches) {
  Decoder model(ctx, config);
  model.fill(ctx, fill);
  RankResult result;
  for (int i = 0; i < microbatches; ++i) {
    const Tensor loss = model.forward(make_tokens(ctx, tokens_of(config, i)),
                                      make_tokens(ctx, targets_of(config, i)), i, ctx);
    result.push_back(hold_whole(ctx, text("loss", i), loss));
  }
  for (int i = 0; i < microbatches; ++i) model.backward(scale, i, ctx);
  model.reduce_replicated_gradients(ctx);
  hold_gradients(ctx, model.parameters(), result);
  return result;
}

std::vector<std::int32_t> tokens_of(const DecoderConfig& config, int microbatch) {
  return random_tokens(tokens_of(config), config.vocabulary,
                       static_cast<std::uint64_t>(microbatch));
}

std::vector<std::int32_t> targets_of(const DecoderConfig& config, int microbatch) {
  return random_tokens(tokens_of(config), config.vocabulary,
                       static_cast<std::uint64_t>(microbatch + 100));
}

}  // namespace shardpipe
