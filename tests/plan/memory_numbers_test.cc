// The model of memory against the allocator of the cpu backend: hundreds of runs with numbers.
#include "tests/plan/memory_cases.h"
#include "tests/support/catch.h"

namespace shardpipe {

TEST_CASE("predicted peak = measured with numbers, too: bytes do not depend on the machine") {
  for (const DecoderConfig& config : {kGpt2, kLlama})
    for (const GridShape grid : {GridShape{.pp = 2}, GridShape{.tp = 2, .pp = 2}})
      for (const PipelineCase& c : all_schedules(config, grid, 4))
        CHECK(first_difference(c, measure(c, /*modelled=*/false)) == "");
}

TEST_CASE("in bf16, too: f32 copies that the kernels make are theirs, and not the program's") {
  for (const OptimizerRecipe recipe : {OptimizerRecipe::full, OptimizerRecipe::lean})
    for (const DecoderConfig& config : {kGpt2, kLlama}) {
      PipelineCase c = {
          .config = config, .grid = {.tp = 2, .pp = 2}, .options = {.microbatches = 4}};
      c.config.dtype = DType::bf16;
      c.config.recipe = recipe;
      CHECK(first_difference(c, measure(c, /*modelled=*/false)) == "");
    }
}

}  // namespace shardpipe
