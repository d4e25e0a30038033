// Operations that meet must fit each other: kind, size, type and root.
#include "tests/backends/modelled/support.h"
#include "tests/support/catch.h"

namespace shardpipe {
namespace {

// Rank 2 of three does `odd`, the others `usual`.
std::string mismatch(const RankProgram& usual, const RankProgram& odd) {
  const Failure failure = failure_of({.grid = {.tp = 3}}, [&](RankContext& ctx) {
    Tensor x(ctx.device, {3});
    ctx.tp.all_reduce(x, ctx.compute);  // #0 fits
    (ctx.rank == 2 ? odd : usual)(ctx);
  });
  CHECK(failure.code == ExitCode::failed);
  return failure.message;
}

RankProgram all_reduce(Index elements, DType dtype = DType::f32) {
  return [=](RankContext& ctx) {
    ctx.tp.all_reduce(Tensor(ctx.device, {elements}, dtype), ctx.compute);
  };
}

RankProgram broadcast(int root) {
  return [=](RankContext& ctx) { ctx.tp.broadcast(Tensor(ctx.device, {5}), root, ctx.compute); };
}

}  // namespace

TEST_CASE("modelled: collectives that differ name each rank's call") {
  CHECK(mismatch(all_reduce(3072),
                 [](RankContext& ctx) {
                   ctx.tp.all_gather(Tensor(ctx.device, {3072}), Tensor(ctx.device, {1024}),
                                     ctx.compute);
                 }) ==
        "all_reduce #1 of group tp[0,1,2] does not match: rank 0, rank 1 call all_reduce of 12288 "
        "bytes f32; rank 2 calls all_gather of 12288 bytes f32");
  CHECK(mismatch(all_reduce(10), all_reduce(11)) ==
        "all_reduce #1 of group tp[0,1,2] does not match: rank 0, rank 1 call all_reduce of 40 "
        "bytes f32; rank 2 calls all_reduce of 44 bytes f32");
  CHECK(mismatch(all_reduce(10), all_reduce(10, DType::i32)) ==
        "all_reduce #1 of group tp[0,1,2] does not match: rank 0, rank 1 call all_reduce of 40 "
        "bytes f32; rank 2 calls all_reduce of 40 bytes i32");
  CHECK(mismatch(all_reduce(10),
                 [](RankContext& ctx) {
                   ctx.tp.all_reduce(Tensor(ctx.device, {10}), ReduceOp::max, ctx.compute);
                 }) ==
        "all_reduce #1 of group tp[0,1,2] does not match: rank 0, rank 1 call all_reduce of 40 "
        "bytes f32; rank 2 calls all_reduce max of 40 bytes f32");
  CHECK(mismatch(broadcast(0), broadcast(1)) ==
        "broadcast #1 of group tp[0,1,2] does not match: rank 0, rank 1 call broadcast of 20 bytes "
        "f32 from rank 0; rank 2 calls broadcast of 20 bytes f32 from rank 1");
}

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
        "exchange of group pp[0,1,2] does not match: rank 1 sends 28 bytes f32 to rank 2, "
        "microbatch 6; rank 2 receives 32 bytes f32, microbatch 6");
  CHECK(contains(run(7, DType::i32, 7).message, "rank 1 sends 28 bytes i32 to rank 2"));
}

}  // namespace shardpipe
