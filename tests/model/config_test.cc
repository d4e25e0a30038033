// Shapes that are impossible end with one line that names the flags and says what is allowed; and
// what a whole decoder communicates.
#include "core/model/config.h"

#include <limits>

#include "tests/support/catch.h"
#include "tests/support/decoder_cases.h"
#include "tests/support/layer_runs.h"
#include "tests/support/refuses.h"
#include "tests/support/usage_error.h"

namespace shardpipe {
namespace {

constexpr DecoderConfig kGood = {.family = Family::llama,
                                 .layers = 2,
                                 .hidden = 48,
                                 .ffn = 60,
                                 .heads = 12,
                                 .kv_heads = 4,
                                 .vocabulary = 50,
                                 .sequence = 8};

std::string message_of(const std::function<void(DecoderConfig&)>& change, int tp) {
  DecoderConfig config = kGood;
  change(config);
  return usage_message([&] { check_config(config, tp); });
}

// What a rank communicates in forward and backward of one micro-batch.
std::string traffic_of(const DecoderConfig& config, int tp) {
  const TpRun run = run_tp(tp, [&](RankContext& ctx) -> RankResult {
    Decoder model(ctx, config);
    model.fill(ctx, gpt2_init(1, config.layers));
    const Tensor tokens = make_tokens(ctx, tokens_of(config, 0));
    ctx.begin_window();
    model.forward(tokens, tokens, 0, ctx);
    model.backward(1, 0, ctx);
    ctx.end_window();
    return {};
  });
  return traffic(run.report);
}

}  // namespace

TEST_CASE("check_config: epsilons and recipes that are possible") {
  DecoderConfig c = kGood;
  for (const float epsilon : {0.0f, -1e-5f, std::numeric_limits<float>::quiet_NaN(),
                              std::numeric_limits<float>::infinity()}) {
    c.norm_epsilon = epsilon;
    CHECK(lacks(usage_message([&] { check_config(c, 1); }), {"epsilon", "positive"}) == "");
  }
  c.norm_epsilon = 1e-30f;
  CHECK(usage_message([&] { check_config(c, 1); }) == "no error");
  for (const OptimizerRecipe recipe : {OptimizerRecipe::full, OptimizerRecipe::lean})
    CHECK(parse_recipe(name_of(recipe)) == recipe);
  CHECK(lacks(usage_message([] { parse_recipe("thin"); }), {"thin", "full, lean"}) == "");
}

TEST_CASE("check_config: shapes that are possible") {
  for (const int tp : {1, 2, 4, 12}) CHECK_NOTHROW(check_config(kGood, tp));
  CHECK(message_of([](auto&) {}, 3) != "no error");  // 4 key/value heads on 3 ranks
}

TEST_CASE("check_config: every refusal names its flags and what is allowed") {
  CHECK(lacks(message_of([](auto& c) { c.heads = 16; }, 3), {"--heads 16", "--tp 3", "allowed"}) ==
        "");
  CHECK(lacks(message_of([](auto& c) { c.ffn = 61; }, 4), {"--ffn 61", "--tp 4", "allowed"}) == "");
  CHECK(lacks(message_of([](auto& c) { c.hidden = 50; }, 1), {"--heads 12", "--hidden 50"}) == "");
  CHECK(lacks(message_of([](auto& c) { c.hidden = 36; }, 1),
              {"rotary", "even head dimension", "--hidden 36", "--heads 12", "3"}) == "");
  CHECK(lacks(message_of([](auto& c) { c.kv_heads = 5; }, 1), {"--kv-heads 5", "--heads 12"}) ==
        "");
  CHECK(lacks(message_of([](auto& c) { c.kv_heads = 4; }, 6), {"--kv-heads 4", "--tp 6"}) == "");
  CHECK(lacks(message_of([](auto& c) { c.layers = 0; }, 1), {"--layers 0", "at least 1"}) == "");
  CHECK(lacks(message_of([](auto& c) { c.hidden = -1; }, 1), {"--hidden -1", "at least 1"}) == "");
  CHECK(lacks(message_of([](auto& c) { c.ffn = 0; }, 1), {"--ffn 0", "at least 1"}) == "");
  CHECK(lacks(message_of([](auto& c) { c.heads = 0; }, 1), {"--heads 0", "at least 1"}) == "");
  CHECK(lacks(message_of([](auto& c) { c.kv_heads = 0; }, 1), {"--kv-heads 0", "at least 1"}) ==
        "");
  CHECK(lacks(message_of([](auto& c) { c.vocabulary = 0; }, 1), {"--vocab 0", "at least 1"}) == "");
  CHECK(lacks(message_of([](auto& c) { c.sequence = 0; }, 1), {"--seq 0", "at least 1"}) == "");
  CHECK(lacks(message_of([](auto&) {}, 0), {"--tp 0", "at least 1"}) == "");
  const auto ones = [](auto& c) {
    c = {.layers = 1,
         .hidden = 1,
         .ffn = 1,
         .heads = 1,
         .kv_heads = 1,
         .vocabulary = 1,
         .sequence = 1};
  };
  CHECK(message_of(ones, 1) == "no error");
  CHECK(message_of([](auto& c) { c.ffn = 64; }, 4) == "no error");
  CHECK(message_of([](auto& c) { c.hidden = 24; }, 1) == "no error");
}

TEST_CASE("head_share: heads of a rank, and the ranks that hold the same key/value heads") {
  const HeadShare split = head_share(12, 4, 2), replicated = head_share(24, 2, 8);
  CHECK(split.heads == 6);
  CHECK(split.kv_heads == 2);
  CHECK(split.kv_replicas == 1);
  CHECK(replicated.heads == 3);
  CHECK(replicated.kv_heads == 1);
  CHECK(replicated.kv_replicas == 4);
}

TEST_CASE("head_share: each number one step beyond what divides") {
  const auto refused = [](const char* words, Index heads, Index kv_heads, int t) {
    return refuses(words, [&] { head_share(heads, kv_heads, t); });
  };
  CHECK(!refused("", 1, 1, 1));
  CHECK(!refused("", 12, 4, 4));
  CHECK(!refused("", 12, 2, 4));
  CHECK(refused("must divide --heads", 0, 1, 1));
  CHECK(refused("must divide --heads", 1, 0, 1));
  CHECK(refused("must divide --heads", 12, 5, 1));
  CHECK(refused("--heads 12 do not divide among --tp 5", 12, 4, 5));
  CHECK(refused("one must divide the other", 12, 3, 4));
}

TEST_CASE("names of families") {
  CHECK(parse_family("gpt2") == Family::gpt2);
  CHECK(parse_family(name_of(Family::llama)) == Family::llama);
  CHECK(lacks(usage_message([] { parse_family("bert"); }), {"'bert'", "gpt2, llama"}) == "");
  CHECK(parse_pairing("row-col") == Pairing::row_col);
  CHECK(lacks(usage_message([] { parse_pairing("colrow"); }),
              {"'colrow'", "col-row, col-col, row-col, row-row"}) == "");
}

TEST_CASE("a decoder on an impossible number of ranks: one sentence, from every rank the same") {
  CHECK(lacks(usage_message([] {
                run_tp(5, [](RankContext& ctx) {
                  Decoder model(ctx, kGood);
                  return RankResult{};
                });
              }),
              {"--heads 12", "--tp 5"}) == "");
}

TEST_CASE("traffic of a paired decoder: 4 all-reduces a layer and 5 at the ends") {
  // Ends: embedding forward, dx of the head backward: [T,D]; the loss: three of [T].
  for (const Family family : {Family::gpt2, Family::llama})
    for (const int tp : {2, 4}) {
      DecoderConfig config = kGood;
      config.family = family;
      const Index T = tokens_of(config), TD = T * config.hidden * 4;
      CHECK(traffic_of(config, tp) == text("tp all_reduce ", 4 * config.layers + 5, " calls ",
                                           (4 * config.layers + 2) * TD + 3 * T * 4, " bytes"));
    }
}

TEST_CASE("traffic of a sequence-parallel decoder: gathers and scatters of the same size") {
  // A layer: 2 gathers and 2 scatters forward and backward, and the inputs of two columns gathered
  // again for dW. Ends: the embedding's sum scattered, its dy gathered; the head's x gathered twice
  // and its dx scattered; the loss as ever.
  DecoderConfig config = kGood;
  config.twin.style = TpStyle::sequence_parallel;
  const Index T = tokens_of(config), TD = T * config.hidden * 4;
  const Index scatters = 4 * config.layers + 2, gathers = 6 * config.layers + 3;
  CHECK(traffic_of(config, 2) == text("tp reduce_scatter ", scatters, " calls ", scatters * TD,
                                      " bytes; tp all_gather ", gathers, " calls ", gathers * TD,
                                      " bytes; tp all_reduce 3 calls ", 3 * T * 4, " bytes"));
}

TEST_CASE("styles: what does not go together is refused") {
  DecoderConfig naive = kGood, fused = kGood, both = kGood, split = kGood;
  naive.paired = false;
  naive.twin.style = TpStyle::overlapped;
  CHECK(lacks(usage_message([&] { check_config(naive, 2); }), {"--style overlapped", "naive"}) ==
        "");
  fused.fused = true;
  fused.paired = false;
  CHECK(lacks(usage_message([&] { check_config(fused, 2); }), {"naive", "fused"}) == "");
  both.fused = true;
  both.twin.style = TpStyle::sequence_parallel;
  CHECK(lacks(usage_message([&] { check_config(both, 2); }), {"sequence-parallel", "fused"}) == "");
  split.twin.style = TpStyle::sequence_parallel;
  CHECK(lacks(usage_message([&] { check_tokens(split, 9, 2); }), {"9 tokens", "--tp 2"}) == "");
  for (const Index tokens : {8, 10}) CHECK_NOTHROW(check_tokens(split, tokens, 2));
  CHECK_NOTHROW(check_tokens(kGood, 9, 2));
}

TEST_CASE("a forward without backward leaves no trace in the next one") {
  auto gradients = [](bool looked_before) {
    return run_tp(2, [=](RankContext& ctx) {
      Decoder model(ctx, kGood);
      model.fill(ctx, gpt2_init(1, kGood.layers));
      auto forward = [&](int batch) {
        model.forward(make_tokens(ctx, tokens_of(kGood, batch)),
                      make_tokens(ctx, targets_of(kGood, batch)), 0, ctx);
      };
      if (looked_before) forward(1);
      forward(0);
      model.backward(1, 0, ctx);
      RankResult result;
      hold_gradients(ctx, model.parameters(), result);
      return result;
    });
  };
  const TpRun plain = gradients(false), looked = gradients(true);
  for (std::size_t rank = 0; rank < 2; ++rank)
    for (std::size_t i = 0; i < plain.ranks[rank].size(); ++i)
      CHECK(looked.ranks[rank][i].values == plain.ranks[rank][i].values);
}

TEST_CASE("backward without its forward ends with a sentence") {
  std::string message;
  try {
    run_tp(2, [](RankContext& ctx) {
      ColumnParallelLinear linear(ctx, {{.name = "linear", .outputs = 4}}, 4, {});
      linear.backward_input(make_whole(ctx, "dy", {3, 2}, integers(1)), 6, ctx);
      return RankResult{};
    });
  } catch (const Error& e) {
    message = e.what();
  }
  CHECK(message.find("backward of micro-batch 6 without its forward") != std::string::npos);
}

}  // namespace shardpipe
