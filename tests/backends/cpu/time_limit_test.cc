// A body that never returns cannot be unwound: the run says so within the limit and ends the
// process with exit code 4. Tested in a child process.
#include <atomic>
#include <thread>

#include "core/launch/launch.h"
#include "tests/support/in_child.h"

namespace shardpipe {

TEST_CASE("a body that never returns ends the process with the sentence and exit code 4") {
  const Ended ended = in_child([] {
    try {
      run_on_cpu({.grid = {.tp = 3}, .time_limit_s = 0.3}, [](RankContext& ctx) {
        Tensor x(ctx.device, {4});
        ctx.math.fill(x, 0, ctx.compute);
        if (ctx.rank == 1)
          ctx.compute.submit(OpInfo{.name = "spin"}, [] {
            for (std::atomic<bool> never{false}; !never.load();) std::this_thread::yield();
          });
        ctx.tp.all_reduce(x, ctx.compute);
      });
    } catch (const Error&) {
    }
  });
  INFO(ended.words);
  CHECK(ended.code == 4);
  CHECK(ended.words.find("no progress for 0.3 s") != std::string::npos);
  CHECK(ended.words.find("rank 0 waits in all_reduce #0 of tp[0,1,2]") != std::string::npos);
  CHECK(ended.words.find("rank 1 is inside spin") != std::string::npos);
}

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
