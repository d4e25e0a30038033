// Deadlocks end the modelled run with one sentence that names who waits for whom.
#include "tests/backends/modelled/support.h"
#include "tests/support/catch.h"

namespace shardpipe {
namespace {

RunOptions pipeline(int p) { return {.grid = {.pp = p}}; }

}  // namespace

TEST_CASE("modelled: two ranks that both send first wait for each other") {
  const auto send_first = [](RankContext& ctx) {
    if (ctx.rank == 2) return;
    Tensor mine(ctx.device, {1024}), other(ctx.device, {1024});
    const int peer = 1 - ctx.rank;
    auto mark = ctx.scope({.step = 4, .microbatch = 3});
    send(ctx.pp, peer, mine, ctx.compute);
    recv(ctx.pp, peer, other, ctx.compute);
  };
  const Failure failure = failure_of(pipeline(3), send_first);
  CHECK(failure.code == ExitCode::deadlock);
  CHECK(failure.message ==
        "deadlock: rank 0 waits for rank 1, which waits for rank 0. "
        "rank 0 waits in exchange #0 (send 4096 bytes to rank 1) of group pp[0,1,2] "
        "(stream compute, step 4, micro-batch 3); "
        "rank 1 waits in exchange #0 (send 4096 bytes to rank 0) of group pp[0,1,2] "
        "(stream compute, step 4, micro-batch 3); "
        "rank 2 has returned");

  // By luck it works where sends are buffered. One exchange of both works anywhere.
  RunOptions buffered = pipeline(3);
  buffered.buffered_sends = true;
  CHECK(failure_of(buffered, send_first).message == "");
  CHECK(failure_of(pipeline(3), [](RankContext& ctx) {
          if (ctx.rank == 2) return;
          Tensor mine(ctx.device, {1024}), other(ctx.device, {1024});
          const int peer = 1 - ctx.rank;
          ctx.pp.exchange({{Direction::send, peer, mine}, {Direction::recv, peer, other}},
                          ctx.compute);
        }).message == "");
}

TEST_CASE("modelled: a buffered send is free of its receiver, the receiver waits for the sender") {
  RunOptions buffered = pipeline(3);
  buffered.buffered_sends = true;
  const Trace trace = run_modelled(buffered, AlphaBeta(10, 0), [](RankContext& ctx) {
                        Tensor x(ctx.device, {3});
                        if (ctx.rank == 0) send(ctx.pp, 1, x, ctx.compute);
                        if (ctx.rank == 0) work(ctx.compute, 5);
                        if (ctx.rank == 0) send(ctx.pp, 1, x, ctx.compute);
                        if (ctx.rank == 1) recv(ctx.pp, 0, x, ctx.compute);
                        if (ctx.rank == 1) recv(ctx.pp, 0, x, ctx.compute);
                      }).trace;
  CHECK(spans_of(trace, 0, "exchange").at(1).end_ns == 25);
  CHECK(spans_of(trace, 1, "exchange").at(0).ready_ns == 0);
  CHECK(spans_of(trace, 1, "exchange").at(1).ready_ns == 15);
  CHECK(spans_of(trace, 1, "exchange").at(1).waits_for == 0);
}

TEST_CASE("modelled: a cycle of three ranks is told in its order, the innocent come after") {
  const Failure failure = failure_of(pipeline(4), [](RankContext& ctx) {
    Tensor x(ctx.device, {5}), y(ctx.device, {5});
    if (ctx.rank == 0) return recv(ctx.pp, 3, x, ctx.compute);
    const int next = ctx.rank % 3 + 1, previous = (ctx.rank + 1) % 3 + 1;
    recv(ctx.pp, previous, x, ctx.compute);
    send(ctx.pp, next, y, ctx.compute);
  });
  CHECK(failure.code == ExitCode::deadlock);
  CHECK(contains(failure.message,
                 "deadlock: rank 1 waits for rank 3, which waits for rank 2, "
                 "which waits for rank 1. rank 1 waits in exchange #0 (recv 20 "
                 "bytes from rank 3) of group pp[0,1,2,3]"));
  CHECK(contains(failure.message, "; rank 0 waits in exchange #0 (recv 20 bytes from rank 3)"));
}

TEST_CASE("modelled: 1F1B written as single sends and receives waits in a chain") {
  // Stage 0 wants to send its second activation, stage 1 its first gradient.
  const Failure failure = failure_of(pipeline(2), [](RankContext& ctx) {
    Tensor a(ctx.device, {2}), g(ctx.device, {2});
    const auto forward = [&](int i) {
      auto mark = ctx.scope({.microbatch = i, .phase = Phase::forward});
      ctx.rank == 0 ? send(ctx.pp, 1, a, ctx.compute) : recv(ctx.pp, 0, a, ctx.compute);
    };
    const auto backward = [&](int i) {
      auto mark = ctx.scope({.microbatch = i, .phase = Phase::backward});
      ctx.rank == 0 ? recv(ctx.pp, 1, g, ctx.compute) : send(ctx.pp, 0, g, ctx.compute);
    };
    forward(0);
    if (ctx.rank == 0) forward(1);
    backward(0);
    if (ctx.rank == 1) forward(1);
    backward(1);
  });
  CHECK(failure.code == ExitCode::deadlock);
  CHECK(contains(failure.message,
                 "rank 0 waits in exchange #1 (send 8 bytes to rank 1) of group "
                 "pp[0,1] (stream compute, forward, micro-batch 1)"));
  CHECK(contains(failure.message,
                 "rank 1 waits in exchange #1 (send 8 bytes to rank 0) of group "
                 "pp[0,1] (stream compute, backward, micro-batch 0)"));
}

TEST_CASE("modelled: a collective names the ranks that are missing") {
  const Failure failure = failure_of({.grid = {.tp = 4}}, [](RankContext& ctx) {
    Tensor x(ctx.device, {3});
    ctx.tp.all_reduce(x, ctx.compute);
    if (ctx.rank % 2 == 0) ctx.tp.all_reduce(x, ctx.compute);
  });
  CHECK(failure.code == ExitCode::deadlock);
  CHECK(contains(failure.message, "deadlock: rank 0 waits for rank 1, which has returned. "));
  CHECK(contains(failure.message,
                 "rank 2 waits in all_reduce #1 of group tp[0,1,2,3] for rank 1, 3"));
  CHECK(contains(failure.message, "rank 3 has returned"));
}

TEST_CASE("modelled: groups entered in different orders wait across groups") {
  const Failure failure = failure_of({.grid = {.tp = 2, .dp = 2}}, [](RankContext& ctx) {
    Tensor x(ctx.device, {3});
    const bool tp_first = ctx.rank == 0 || ctx.rank == 3;
    (tp_first ? ctx.tp : ctx.dp).all_reduce(x, ctx.compute);
    (tp_first ? ctx.dp : ctx.tp).all_reduce(x, ctx.compute);
  });
  CHECK(failure.code == ExitCode::deadlock);
  CHECK(contains(failure.message,
                 "deadlock: rank 0 waits for rank 1, which waits for rank 3, "
                 "which waits for rank 2, which waits for rank 0. "));
  CHECK(contains(failure.message, "all_reduce #0 of group dp[1,3] for rank 3"));
}

TEST_CASE("modelled: a program that blocks in synchronize() is part of the story") {
  const Failure failure = failure_of(pipeline(2), [](RankContext& ctx) {
    Tensor x(ctx.device, {4}), y(ctx.device, {4});
    send(ctx.pp, 1 - ctx.rank, x, ctx.comm);
    ctx.comm.synchronize();
    recv(ctx.world, 1 - ctx.rank, y, ctx.compute);
  });
  CHECK(failure.code == ExitCode::deadlock);
  CHECK(contains(failure.message, "its program waits in synchronize() of stream comm"));
}

TEST_CASE("modelled: work behind an event or a turn is part of the story") {
  const Failure failure = failure_of(pipeline(2), [](RankContext& ctx) {
    Tensor x(ctx.device, {4}), y(ctx.device, {4});
    auto side = ctx.device.make_stream("side");
    send(ctx.pp, 1 - ctx.rank, x, ctx.comm);
    ctx.compute.wait(ctx.comm.record());
    work(ctx.compute, 1);
    recv(ctx.pp, 1 - ctx.rank, y, *side);
  });
  CHECK(failure.code == ExitCode::deadlock);
  CHECK(contains(failure.message, "its stream compute waits for an event of stream comm"));
  CHECK(
      contains(failure.message, "its stream side has exchange wait for its turn in group pp[0,1]"));
}

TEST_CASE("modelled: of many ranks the report tells the first sixteen") {
  const Failure failure = failure_of({.grid = {.dp = 20}}, [](RankContext& ctx) {
    if (ctx.rank != 19) ctx.dp.barrier(ctx.compute);
  });
  CHECK(contains(failure.message, "deadlock: rank 0 waits for rank 19, which has returned. "));
  CHECK(contains(failure.message, "; rank 19 has returned; rank 1 waits in barrier #0"));
  CHECK(contains(failure.message, "; and 4 more ranks"));
}

}  // namespace shardpipe
