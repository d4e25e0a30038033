// Weights are the same for every tensor-parallel size: from a seed, and from a file that another
// size wrote.
#include "core/base/random.h"
#include "tests/support/catch.h"
#include "tests/support/decoder_cases.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/usage_error.h"

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

// All different and none 0, so that a misplaced number shows.
float numbered(const std::string& name, Index index) {
  return static_cast<float>(1 + stream_of(name) % 1000) + static_cast<float>(index) / 65536;
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

HostTensors gathered(const DecoderConfig& config, int tp) {
  std::vector<HostTensors> all(static_cast<std::size_t>(tp));
  run_tp(tp, [&](RankContext& ctx) {
    Decoder model(ctx, config);
    model.fill(ctx, numbered);
    all[static_cast<std::size_t>(ctx.rank)] = gather_weights(ctx, model.parameters());
    return RankResult{};
  });
  for (const HostTensors& of_rank : all)
    for (const auto& [name, tensor] : all[0])
      CHECK(of_rank.at(name).values == tensor.values);  // every rank gets the whole
  return all[0];
}

TpRun loaded(const DecoderConfig& config, int tp, const HostTensors& tensors) {
  return run_tp(tp, [&](RankContext& ctx) {
    Decoder model(ctx, config);
    load_weights(ctx, model.parameters(), tensors, "weights.safetensors");
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

TEST_CASE("a checkpoint written with tp = 4 loads with every tp, bit for bit") {
  const TemporaryFolder folder;
  for (const Family family : {Family::gpt2, Family::llama}) {
    const DecoderConfig config = config_of(family);
    const std::string file = folder.file(name_of(family));
    write_safetensors(file, gathered(config, 4));
    const HostTensors read = read_safetensors(file);
    const HostTensors want = whole_tensors(weights_of(config, 1, numbered));
    CHECK(read.size() == want.size());
    for (const int tp : {1, 2, 3, 4, 8})
      CHECK(first_difference(loaded(config, tp, read), want) == "");
  }
}

TEST_CASE("loading weights of another model: the sentence names the tensor") {
  const DecoderConfig config = config_of(Family::gpt2);
  const HostTensors good = whole_tensors(weights_of(config, 1, numbered));
  HostTensors missing = good, wrong = good;
  missing.erase("blocks.0.mlp.up.weight");
  wrong["positions.weight"] = {{9, 48}, std::vector<float>(9 * 48)};
  for (const int tp : {1, 3}) {
    CHECK(usage_message([&] { loaded(config, tp, missing); }) ==
          "weights.safetensors: has no tensor blocks.0.mlp.up.weight");
    CHECK(usage_message([&] { loaded(config, tp, wrong); }) ==
          "weights.safetensors: positions.weight is [9,48], this model wants [8,48]");
  }
}

}  // namespace shardpipe
