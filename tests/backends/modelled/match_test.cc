// Operations that meet must fit each other; the plain cases are in tests/faults.
#include "tests/backends/modelled/support.h"
#include "tests/support/catch.h"

namespace shardpipe {

TEST_CASE("modelled: a mismatch is told even if some rank never comes") {
  const Failure failure = failure_of({.grid = {.tp = 3}}, [](RankContext& ctx) {
    if (ctx.rank == 2) return;
    ctx.tp.all_reduce(Tensor(ctx.device, {ctx.rank + 1}), ctx.compute);
  });
  CHECK(contains(failure.message,
                 "does not match: rank 0 calls all_reduce of 4 bytes f32; rank 1 "
                 "calls all_reduce of 8 bytes f32"));
}

TEST_CASE("modelled: messages that differ name both ends, the n-th send against the n-th recv") {
  const auto run = [](Index sent, DType sent_as, Index received) {
    return failure_of({.grid = {.pp = 3}}, [=](RankContext& ctx) {
      auto mark = ctx.scope({.microbatch = 6});
      Tensor fits(ctx.device, {2});
      if (ctx.rank == 1)
        ctx.pp.exchange(
            {{Direction::send, 2, fits}, {Direction::send, 2, Tensor(ctx.device, {sent}, sent_as)}},
            ctx.compute);
      if (ctx.rank != 2) return;
      recv(ctx.pp, 1, fits, ctx.compute);
      recv(ctx.pp, 1, Tensor(ctx.device, {received}), ctx.compute);
    });
  };
  CHECK(run(7, DType::f32, 7).message == "");
  CHECK(run(7, DType::f32, 8).message ==
        "rank 2 in exchange #1 of pp[0,1,2] expects 32 bytes f32 from rank 1, which sends 28 bytes "
        "f32 in its exchange #0 (sent, micro-batch 6; expected, micro-batch 6)");
  CHECK(contains(run(7, DType::i32, 7).message, "which sends 28 bytes i32"));
}

}  // namespace shardpipe
