// Missing waits: found by happens-before over operands, whatever the modelled times are.
#include "tests/backends/modelled/support.h"
#include "tests/support/catch.h"

namespace shardpipe {
namespace {

const RunOptions kThreeRanks = {.grid = {.tp = 3}};

std::string race_of(const RankProgram& program) {
  const Failure failure = failure_of(kThreeRanks, program);
  if (!failure.message.empty()) CHECK(failure.code == ExitCode::wrong);
  return failure.message;
}

}  // namespace

TEST_CASE("modelled: a missing wait names both operations, their streams and the wait") {
  const std::string race = race_of([](RankContext& ctx) {
    Tensor dx(ctx.device, {32, 32}), dw(ctx.device, {32, 32});
    auto mark = ctx.scope({.microbatch = 2, .layer = 7});
    work(ctx.compute, 10, {dx.write()}, "gemm");
    if (ctx.rank != 1) ctx.comm.wait(ctx.compute.record());  // dx is ready
    ctx.tp.all_reduce(dx, ctx.comm);
    work(ctx.compute, 10, {dw.write()}, "dw");
  });
  CHECK(race ==
        "race on rank 1: all_reduce (stream comm, micro-batch 2, layer 7) writes 4096 bytes of "
        "buffer 0 (from byte 0) that gemm (stream compute, micro-batch 2, layer 7) writes, and no "
        "event orders them: stream comm lacks wait(compute.record()) before all_reduce");
}

TEST_CASE("modelled: read after write, write after read and two writes race; two reads do not") {
  const auto pair = [](bool first_writes, bool second_writes, bool ordered) {
    return race_of([=](RankContext& ctx) {
      Tensor x(ctx.device, {5});
      work(ctx.compute, 1, {first_writes ? x.write() : x.read()}, "first");
      if (ordered) ctx.comm.wait(ctx.compute.record());
      work(ctx.comm, 1, {second_writes ? x.write() : x.read()}, "second");
    });
  };
  CHECK(contains(pair(true, false, false),
                 "second (stream comm) reads 20 bytes of buffer 0 (from "
                 "byte 0) that first (stream compute) writes"));
  CHECK(contains(pair(false, true, false),
                 "second (stream comm) writes 20 bytes of buffer 0 (from "
                 "byte 0) that first (stream compute) reads"));
  CHECK(contains(pair(true, true, false),
                 "writes 20 bytes of buffer 0 (from byte 0) that first "
                 "(stream compute) writes"));
  CHECK(pair(false, false, false) == "");
  for (const bool first : {false, true})
    for (const bool second : {false, true}) CHECK(pair(first, second, true) == "");
}

TEST_CASE("modelled: slices race where they overlap, and only there") {
  const auto slices = [](Index first, Index second) {
    return race_of([=](RankContext& ctx) {
      Tensor x(ctx.device, {10, 3});
      work(ctx.compute, 1, {x.slice(first, 4).write()});
      work(ctx.comm, 1, {x.slice(second, 4).read()});
    });
  };
  CHECK(slices(0, 4) == "");
  CHECK(slices(6, 2) == "");
  CHECK(contains(slices(0, 3), "reads 12 bytes of buffer 0 (from byte 36)"));
  CHECK(contains(slices(5, 4), "reads 36 bytes of buffer 0 (from byte 60)"));
  CHECK(contains(slices(2, 2), "reads 48 bytes of buffer 0 (from byte 24)"));
}

TEST_CASE("modelled: an old access of a part stays known when another part is overwritten") {
  CHECK(contains(race_of([](RankContext& ctx) {
                   Tensor x(ctx.device, {10});
                   work(ctx.compute, 1, {x.write()}, "all");
                   work(ctx.compute, 1, {x.slice(0, 5).write()}, "front");
                   work(ctx.comm, 1, {x.slice(7, 1).read()}, "back");
                 }),
                 "back (stream comm) reads 4 bytes of buffer 0 (from byte 28) that all"));
}

TEST_CASE("modelled: a wait recorded too early does not order what came after the record") {
  CHECK(contains(race_of([](RankContext& ctx) {
                   Tensor x(ctx.device, {10});
                   const Event early = ctx.compute.record();
                   work(ctx.compute, 1, {x.write()}, "gemm");
                   ctx.comm.wait(early);
                   work(ctx.comm, 1, {x.read()}, "reader");
                 }),
                 "stream comm lacks wait(compute.record()) before reader"));
}

TEST_CASE("modelled: order passes through a third stream and through synchronize()") {
  CHECK(race_of([](RankContext& ctx) {
          auto third = ctx.device.make_stream("third");
          Tensor x(ctx.device, {10});
          work(ctx.compute, 1, {x.write()});
          third->wait(ctx.compute.record());
          work(*third, 1);
          ctx.comm.wait(third->record());
          work(ctx.comm, 1, {x.write()});
        }) == "");
  CHECK(race_of([](RankContext& ctx) {
          Tensor x(ctx.device, {10});
          work(ctx.compute, 1, {x.write()});
          ctx.compute.synchronize();
          work(ctx.comm, 1, {x.write()});
        }) == "");
}

TEST_CASE("modelled: submission order and slow launches are no order") {
  // The first operation ends long before the second is submitted, and it is a race all the same.
  const Failure failure = failure_of(
      kThreeRanks,
      [](RankContext& ctx) {
        Tensor x(ctx.device, {10});
        work(ctx.compute, 1, {x.write()});
        ctx.comm.synchronize();  // the wrong stream
        work(ctx.comm, 1, {x.write()});
      },
      AlphaBeta(0, 0, 1000));
  CHECK(contains(failure.message, "race on rank 0"));
}

TEST_CASE("modelled: the turns of a communicator order no data") {
  CHECK(contains(race_of([](RankContext& ctx) {
                   Tensor x(ctx.device, {10});
                   ctx.tp.all_reduce(x, ctx.comm);
                   ctx.tp.all_reduce(x, ctx.compute);
                 }),
                 "stream compute lacks wait(comm.record()) before all_reduce"));
}

TEST_CASE("modelled: data that went through another rank orders") {
  // Written on compute, sent away there; the answer arrives on comm, so comm may overwrite.
  const auto ping_pong = [](bool answer) {
    return race_of([=](RankContext& ctx) {
      if (ctx.rank == 1) return;
      Tensor x(ctx.device, {10}), token(ctx.device, {1}), reply(ctx.device, {1});
      Communicator& back = ctx.world;
      const int peer = 2 - ctx.rank;
      if (ctx.rank == 0) {
        work(ctx.compute, 1, {x.write()}, "writer");
        send(ctx.tp, peer, token, ctx.compute);
        if (answer) recv(back, peer, reply, ctx.comm);
        work(ctx.comm, 1, {x.write()}, "overwriter");
      } else {
        recv(ctx.tp, peer, token, ctx.compute);
        if (answer) send(back, peer, reply, ctx.compute);
      }
    });
  };
  CHECK(ping_pong(true) == "");
  CHECK(contains(ping_pong(false), "overwriter (stream comm) writes"));
}

TEST_CASE("modelled: one event orders all streams that wait for it") {
  CHECK(race_of([](RankContext& ctx) {
          auto third = ctx.device.make_stream("third");
          Tensor x(ctx.device, {10});
          work(ctx.compute, 1, {x.write()});
          const Event written = ctx.compute.record();
          ctx.comm.wait(written);
          third->wait(written);
          work(ctx.comm, 1, {x.read()});
          work(*third, 1, {x.read()});
        }) == "");
}

TEST_CASE("modelled: that a send waited for its receiver is luck and orders nothing") {
  // Rank 0 writes, then receives on compute. Rank 2, once its send is through, sends again: the
  // second message would come as early if the first had been buffered.
  CHECK(contains(race_of([](RankContext& ctx) {
                   Tensor x(ctx.device, {10}), token(ctx.device, {1}), second(ctx.device, {1});
                   if (ctx.rank == 0) {
                     work(ctx.compute, 1, {x.write()}, "writer");
                     recv(ctx.tp, 2, token, ctx.compute);
                     recv(ctx.world, 2, second, ctx.comm);
                     work(ctx.comm, 1, {x.write()}, "overwriter");
                   }
                   if (ctx.rank == 2) {
                     send(ctx.tp, 0, token, ctx.compute);
                     send(ctx.world, 0, second, ctx.compute);
                   }
                 }),
                 "overwriter (stream comm) writes 40 bytes"));
}

TEST_CASE("modelled: a collective on two streams of two ranks orders both") {
  const auto meeting = [](bool root_is_writer) {
    return race_of([=](RankContext& ctx) {
      Tensor x(ctx.device, {10}), y(ctx.device, {1}), z(ctx.device, {1});
      if (ctx.rank == 1) work(ctx.compute, 1, {x.write()}, "writer");
      ctx.tp.broadcast(y, root_is_writer ? 1 : 0, ctx.compute);
      // What rank 0 and 2 heard comes back to rank 1 on another stream.
      if (ctx.rank != 1) ctx.comm.wait(ctx.compute.record());
      ctx.world.all_reduce(z, ctx.comm);
      if (ctx.rank == 1) work(ctx.comm, 1, {x.read()}, "reader");
    });
  };
  CHECK(meeting(true) == "");  // the others have the root's data, so the root had come
  CHECK(contains(meeting(false), "reader (stream comm) reads"));
}

TEST_CASE("modelled: a send that has not ended keeps its buffer, rendezvous or not") {
  const auto program = [](RankContext& ctx) {
    Tensor x(ctx.device, {10});
    if (ctx.rank == 0) {
      send(ctx.tp, 1, x, ctx.comm);
      work(ctx.compute, 1, {x.write()}, "overwriter");
    }
    if (ctx.rank == 1) recv(ctx.tp, 0, x, ctx.comm);
  };
  RunOptions buffered = kThreeRanks;
  buffered.buffered_sends = true;
  const std::string race = race_of(program);
  CHECK(contains(race,
                 "overwriter (stream compute) writes 40 bytes of buffer 0 (from byte 0) that "
                 "exchange (stream comm) reads"));
  CHECK(failure_of(buffered, program).message == race);
}

}  // namespace shardpipe
