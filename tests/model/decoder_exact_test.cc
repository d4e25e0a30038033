// Whole decoders under RoundingKernels: tp = k equals tp = 1 bit for bit, losses and every
// gradient, on every rank; training too.
#include "core/model/optimizer.h"
#include "core/reference/rounding_kernels.h"
#include "tests/support/catch.h"
#include "tests/support/decoder_cases.h"

namespace shardpipe {
namespace {

std::unique_ptr<Kernels> rounding_kernels() { return std::make_unique<RoundingKernels>(); }

}  // namespace

TEST_CASE("decoders: tp = k equals tp = 1 bit for bit") {
  for (const DecoderCase& c : decoder_cases(24, 4, {2, 3, 4, 8})) {
    // 4 T / T = 4: dlogits are 4 (p - [target]), of which 1/16 is fine enough to keep.
    const float scale = 4 * static_cast<float>(tokens_of(c.config));
    auto run = [&](int tp) {
      return run_tp(
          tp, [&](RankContext& ctx) { return run_decoder(ctx, c.config, exact_fill(4), scale, 2); },
          rounding_kernels);
    };
    INFO(c.name);
    const HostTensors want = whole_tensors(run(1));
    CHECK(all_zero(want) == std::vector<std::string>{});
    CHECK(c.tps.size() >= 3);
    for (const int tp : c.tps) CHECK(first_difference(run(tp), want) == "");
  }
}

TEST_CASE("naive and paired decoders give the same bits") {
  for (const Family family : {Family::gpt2, Family::llama}) {
    DecoderConfig config = {.family = family,
                            .hidden = 96,
                            .ffn = 48,
                            .heads = 24,
                            .kv_heads = 2,
                            .vocabulary = 50,
                            .sequence = 8,
                            .rotary_theta = 3};
    auto run = [&](int tp) {
      return run_tp(
          tp, [&](RankContext& ctx) { return run_decoder(ctx, config, exact_fill(4), 64, 1); },
          rounding_kernels);
    };
    const HostTensors want = whole_tensors(run(1));
    config.paired = false;
    CHECK(first_difference(run(4), want) == "");
  }
}

TEST_CASE("every style of tensor parallelism, and fusion, gives the same bits") {
  for (const DecoderCase& c : style_cases({1, 2, 4, 8})) {
    auto run = [&](int tp) {
      return run_tp(
          tp, [&](RankContext& ctx) { return run_decoder(ctx, c.config, exact_fill(4), 64, 2); },
          rounding_kernels);
    };
    INFO(c.name);
    DecoderConfig plain = c.config;
    plain.twin = {};
    plain.fused = false;
    const HostTensors want = whole_tensors(run_tp(
        1, [&](RankContext& ctx) { return run_decoder(ctx, plain, exact_fill(4), 64, 2); },
        rounding_kernels));
    for (const int tp : c.tps) CHECK(first_difference(run(tp), want) == "");
  }
}

TEST_CASE("training: three steps of AdamW at tp = k equal those at tp = 1 bit for bit") {
  for (const Family family : {Family::gpt2, Family::llama}) {
    const DecoderConfig config = {.family = family,
                                  .layers = 1,
                                  .hidden = 32,
                                  .ffn = 16,
                                  .heads = 8,
                                  .kv_heads = 2,
                                  .vocabulary = 13,
                                  .sequence = 4,
                                  .tied = false,
                                  .rotary_theta = 3};
    auto train = [&](RankContext& ctx) {
      Decoder model(ctx, config);
      model.fill(ctx, exact_fill(6));
      AdamW optimizer(ctx, model.parameters(), {.learning_rate = 0.75f, .weight_decay = 0.5f});
      RankResult result;
      for (int step = 0; step < 3; ++step) {
        const Tensor loss = model.forward(make_tokens(ctx, tokens_of(config, step)),
                                          make_tokens(ctx, targets_of(config, step)), 0, ctx);
        result.push_back(hold_whole(ctx, text("loss", step), loss));
        model.backward(4 * static_cast<float>(tokens_of(config)), 0, ctx);
        model.reduce_replicated_gradients(ctx);
        optimizer.step(ctx);
      }
      hold_weights(ctx, model.parameters(), result);
      return result;
    };
    INFO(name_of(family));
    const HostTensors want = whole_tensors(run_tp(1, train, rounding_kernels));
    for (const int tp : {2, 4, 8})
      CHECK(first_difference(run_tp(tp, train, rounding_kernels), want) == "");
    CHECK(want.at("loss0").values != want.at("loss2").values);
  }
}

}  // namespace shardpipe
