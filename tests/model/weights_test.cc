// Weights from a seed are the same for every tensor-parallel size.
#include "tests/support/catch.h"
#include "tests/support/decoder_cases.h"

namespace shardpipe {
namespace {

// Sizes that split, pad (vocabulary 50 on 3, 4, 8 ranks) and replicate (key/value heads).
DecoderConfig config_of(Family family) {
  return {.family = family,
          .layers = 1,
          .hidden = 48,
          .ffn = 48,
          .heads = 24,
          .kv_heads = 1,
          .vocabulary = 50,
          .sequence = 8,
          .tied = family == Family::gpt2};
}

TpRun weights_of(const DecoderConfig& config, int tp, const Fill& fill) {
  return run_tp(tp, [&](RankContext& ctx) {
    Decoder model(ctx, config);
    model.fill(ctx, fill);
    RankResult result;
    hold_weights(ctx, model.parameters(), result);
    return result;
  });
}

}  // namespace

TEST_CASE("weights from a seed are the same for every tp") {
  for (const Family family : {Family::gpt2, Family::llama}) {
    const DecoderConfig config = config_of(family);
    const HostTensors want = whole_tensors(weights_of(config, 1, gpt2_init(7, config.layers)));
    Index numbers = 0;
    for (const auto& [name, tensor] : want) numbers += tensor.shape.elements();
    CHECK(numbers == count_parameters(config));
    for (const int tp : {2, 3, 4, 8})
      CHECK(first_difference(weights_of(config, tp, gpt2_init(7, config.layers)), want) == "");
    CHECK(first_difference(weights_of(config, 4, gpt2_init(8, config.layers)), want) != "");
  }
}

// The root mean square of n numbers is off by about 1 / sqrt(2 n) of itself.
TEST_CASE("weights start as GPT-2's: 0.02, and 0.02 / sqrt(2 layers) at the ends of branches") {
  for (const Family family : {Family::gpt2, Family::llama}) {
    DecoderConfig config = config_of(family);
    config.layers = 3;
    int ends = 0;
    for (const auto& [name, tensor] :
         whole_tensors(weights_of(config, 1, gpt2_init(7, config.layers)))) {
      if (!name.ends_with(".weight")) continue;
      const bool is_end = name.find("attention.out") != std::string::npos ||
                          name.find("mlp.down") != std::string::npos;
      ends += is_end;
      double squares = 0;
      for (const float x : tensor.values)
        squares += static_cast<double>(x) * static_cast<double>(x);
      const double n = static_cast<double>(tensor.values.size());
      INFO(name);
      CHECK(std::sqrt(squares / n) ==
            Approx(is_end ? 0.02 / std::sqrt(6.0) : 0.02).epsilon(4 / std::sqrt(2 * n)));
    }
    CHECK(ends == 2 * config.layers);
  }
}

}  // namespace shardpipe
