// Tokens that the vocabulary does not have, and logits that are no numbers.
#include <limits>

#include "tests/support/catch.h"
#include "tests/support/inference_cases.h"
#include "tests/support/pipeline_cases.h"
#include "tests/support/usage_error.h"

namespace shardpipe {
namespace {

constexpr Index kWords = 23;

InferenceCase inference_case(GridShape grid) {
  return {.config = {.hidden = 16, .ffn = 16, .vocabulary = kWords, .sequence = 8},
          .grid = grid,
          .options = {.groups = 1, .sequences = 1},
          .tokens = 3};
}

// What generating ends with, from a prompt of one token.
std::string generating(GridShape grid, std::int32_t token, const Fill& fill) {
  const InferenceCase c = inference_case(grid);
  return usage_message([&] {
    run_grid(grid, [&](RankContext& ctx) {
      InferencePipeline pipeline(ctx, c.config, c.options);
      pipeline.fill(ctx, fill);
      pipeline.generate({{token}}, c.tokens, ctx);
      ctx.compute.synchronize();
      return RankResult{};
    });
  });
}

Fill with_one_nan(const std::string& where) {
  return [=](const std::string& name, Index i) {
    return name == where && i == 0 ? std::numeric_limits<float>::quiet_NaN() : 0.5f;
  };
}

const Fill kHalves = [](const std::string&, Index) { return 0.5f; };

}  // namespace

TEST_CASE("a prompt's tokens are of the vocabulary, the last one too") {
  for (const GridShape grid : {GridShape{}, {.tp = 2}, {.tp = 2, .pp = 2}}) {
    for (const std::int32_t token : {-1, 23, 1 << 30})
      CHECK(lacks(generating(grid, token, kHalves), {"token", "0 to 22", "--vocab 23"}) == "");
    for (const std::int32_t token : {0, 22}) CHECK(generating(grid, token, kHalves) == "no error");
  }
}

TEST_CASE("logits that are NaN end generation with a sentence, whichever rank has them") {
  for (const GridShape grid : {GridShape{}, {.tp = 2}, {.pp = 2}, {.tp = 2, .pp = 2}})
    for (const char* where : {"norm.scale", "blocks.0.mlp.down.bias", "embedding.weight"})
      CHECK(lacks(generating(grid, 0, with_one_nan(where)), {"logits", "NaN"}) == "");
}

TEST_CASE("tokens and targets of a training step are of the vocabulary") {
  const auto training = [](std::int32_t token, std::int32_t target) {
    const PipelineCase c = {.config = {.vocabulary = kWords, .sequence = 2}, .grid = {.pp = 2}};
    return usage_message([&] {
      run_grid(c.grid, [&](RankContext& ctx) {
        PipelineDecoder model(ctx, c.config, 2, c.options);
        model.fill(ctx, kHalves);
        model.forward_backward({{{0, token}, {0, target}}}, ctx);
        return RankResult{};
      });
    });
  };
  CHECK(training(22, 22) == "no error");
  CHECK(lacks(training(23, 0), {"token 23", "0 to 22"}) == "");
  CHECK(lacks(training(0, 23), {"token 23", "0 to 22"}) == "");
  CHECK(lacks(training(-1, 0), {"token -1", "0 to 22"}) == "");
}

}  // namespace shardpipe
