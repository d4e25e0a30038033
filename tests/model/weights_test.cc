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
    const HostTensors want = whole_tensors(weights_of(config, 1, gpt2_init(7)));
    Index numbers = 0;
    for (const auto& [name, tensor] : want) numbers += tensor.shape.elements();
    CHECK(numbers == count_parameters(config));
    for (const int tp : {2, 3, 4, 8})
      CHECK(first_difference(weights_of(config, tp, gpt2_init(7)), want) == "");
    CHECK(first_difference(weights_of(config, 4, gpt2_init(8)), want) != "");
  }
}

}  // namespace shardpipe
