// One layer under RoundingKernels, where sums are exact: on tp ranks it gives the bits of one rank.
#pragma once

#include "core/reference/rounding_kernels.h"
#include "tests/support/catch.h"
#include "tests/support/layer_runs.h"

namespace shardpipe {

inline float quarters(const std::string& name, Index index) { return integers(2)(name, index) / 4; }

inline TpRun run(int tp, const LayerCase& c) {
  return run_tp(
      tp, [&](RankContext& ctx) { return run_layer(ctx, c, exact_fill(2), quarters); },
      [] { return std::make_unique<RoundingKernels>(); });
}

// All numbers of `twin` on every rank: those of `plain` on one.
inline void check_equal(const LayerCase& twin, const LayerCase& plain,
                        const std::vector<int>& tps) {
  const HostTensors want = whole_tensors(run(1, plain));
  CHECK(all_zero(want) == std::vector<std::string>{});
  for (const int tp : tps) {
    INFO(twin.name << " tp " << tp);
    CHECK(first_difference(run(tp, twin), want) == "");
  }
}

}  // namespace shardpipe
