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

}  // namespace shardpipe
