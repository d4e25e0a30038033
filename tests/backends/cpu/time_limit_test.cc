// What is not a hang; those that are: tests/faults.
#include <thread>

#include "core/launch/launch.h"
#include "tests/support/catch.h"

namespace shardpipe {

TEST_CASE("a slow program is not a hang: others wait for less than the limit after each step") {
  CHECK_NOTHROW(run_on_cpu({.grid = {.tp = 2}, .time_limit_s = 5}, [](RankContext& ctx) {
    Tensor x(ctx.device, {4});
    ctx.math.fill(x, 0, ctx.compute);
    for (int i = 0; i < 200; ++i) {
      if (ctx.rank == 1)
        for (int k = 0; k < 100; ++k) std::this_thread::yield();
      ctx.tp.all_reduce(x, ctx.compute);
      ctx.compute.synchronize();
    }
  }));
}

}  // namespace shardpipe
