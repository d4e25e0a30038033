// Programs that break the rules end with one sentence that names what each rank waits for:
// deadlocks at once, a body that does not return within the time limit.
#include <string>

#include "core/launch/launch.h"
#include "tests/support/catch.h"

namespace shardpipe {
namespace {

struct Outcome {
  ExitCode code = ExitCode::success;
  std::string sentence = {};
  bool says(const std::string& words) const { return sentence.find(words) != std::string::npos; }
};

Outcome run(int ranks, const RankProgram& program, bool buffered = false) {
  try {
    run_on_cpu({.grid = {.tp = ranks}, .time_limit_s = 60, .buffered_sends = buffered}, program);
    return {};
  } catch (const Error& e) {
    return {e.code(), e.what()};
  }
}

Tensor zeros(RankContext& ctx, Index size, DType dtype = DType::f32) {
  Tensor t(ctx.device, {size}, dtype);
  ctx.math.fill(t, 0, ctx.compute);
  return t;
}

}  // namespace

TEST_CASE("a missing rank") {
  const Outcome o = run(3, [](RankContext& ctx) {
    Tensor t = zeros(ctx, 8);
    if (ctx.rank != 2) ctx.tp.all_reduce(t, ctx.compute);
  });
  INFO(o.sentence);
  CHECK(o.code == ExitCode::deadlock);
  CHECK(o.says("deadlock: "));
  CHECK(o.says("rank 0 waits in all_reduce #0 of tp[0,1,2] (32 bytes f32)"));
  CHECK(o.says("rank 1 waits in all_reduce #0"));
  CHECK(o.says("rank 2 has returned"));
}

TEST_CASE("different collectives, sizes, dtypes and roots on one rank") {
  const Outcome kinds = run(3, [](RankContext& ctx) {
    Tensor t = zeros(ctx, 8);
    if (ctx.rank == 1)
      ctx.tp.broadcast(t, 0, ctx.compute);
    else
      ctx.tp.all_reduce(t, ctx.compute);
  });
  INFO(kinds.sentence);
  CHECK(kinds.says("rank 0 is in all_reduce #0"));
  CHECK(kinds.says("rank 1 is in broadcast #0"));
  CHECK(kinds.says("rank 2 is in all_reduce #0"));

  const Outcome sizes = run(3, [](RankContext& ctx) {
    ctx.tp.all_reduce(zeros(ctx, ctx.rank == 2 ? 9 : 8), ctx.compute);
  });
  CHECK(sizes.says("rank 1 is in all_reduce #0 of tp[0,1,2] (32 bytes f32)"));
  CHECK(sizes.says("rank 2 is in all_reduce #0 of tp[0,1,2] (36 bytes f32)"));

  const Outcome dtypes = run(3, [](RankContext& ctx) {
    ctx.tp.all_reduce(zeros(ctx, 8, ctx.rank == 0 ? DType::i32 : DType::f32), ctx.compute);
  });
  CHECK(dtypes.says("rank 0 is in all_reduce #0 of tp[0,1,2] (32 bytes i32)"));

  const Outcome sums = run(3, [](RankContext& ctx) {
    ctx.tp.all_reduce(zeros(ctx, 8), ctx.rank == 0 ? ReduceOp::max : ReduceOp::sum, ctx.compute);
  });
  CHECK(sums.says("rank 0 is in all_reduce #0 of tp[0,1,2] (32 bytes f32, max"));

  const Outcome roots = run(3, [](RankContext& ctx) {
    ctx.tp.broadcast(zeros(ctx, 8), ctx.rank == 0 ? 0 : 1, ctx.compute);
  });
  CHECK(roots.says("root 0"));
  CHECK(roots.says("root 1"));
}

TEST_CASE("two ranks that first send and then receive wait for ever, unless sends are buffered") {
  auto program = [](RankContext& ctx) {
    Tensor out = zeros(ctx, 4), in = zeros(ctx, 4);
    ctx.tp.exchange({{Direction::send, 1 - ctx.rank, out}}, ctx.compute);
    ctx.tp.exchange({{Direction::recv, 1 - ctx.rank, in}}, ctx.compute);
  };
  const Outcome o = run(2, program);
  INFO(o.sentence);
  CHECK(o.code == ExitCode::deadlock);
  CHECK(o.says("rank 0 waits in exchange of tp[0,1] (send 16 bytes to rank 1"));
  CHECK(o.says("rank 1 waits in exchange of tp[0,1] (send 16 bytes to rank 0"));
  CHECK(run(2, program, /*buffered=*/true).code == ExitCode::success);
}

TEST_CASE("a message of another size or dtype names both sides") {
  const Outcome o = run(2, [](RankContext& ctx) {
    const bool sends = ctx.rank == 0;
    ctx.tp.exchange(
        {{sends ? Direction::send : Direction::recv, 1 - ctx.rank, zeros(ctx, 4 + ctx.rank)}},
        ctx.compute);
  });
  CHECK(o.says("rank 1 expects 20 bytes f32 from rank 0, which sends 16 bytes f32"));
}

TEST_CASE("a rank that throws ends the run: its words, and who waits") {
  const Outcome program = run(3, [](RankContext& ctx) {
    Tensor t = zeros(ctx, 8);
    if (ctx.rank == 1) fail("the disk is full");
    ctx.tp.all_reduce(t, ctx.compute);
  });
  INFO(program.sentence);
  CHECK(program.says("rank 1: the disk is full"));
  const Outcome body = run(3, [](RankContext& ctx) {
    if (ctx.rank == 2) ctx.compute.submit(OpInfo{.name = "bad"}, [] { fail("no such kernel"); });
    ctx.tp.all_reduce(zeros(ctx, 8), ctx.compute);
  });
  CHECK(body.says("rank 2: no such kernel"));
}

TEST_CASE("a usage error is said once and as it is") {
  const Outcome o = run(3, [](RankContext&) { usage_error("--tp 3 does not divide 4 heads"); });
  CHECK(o.code == ExitCode::usage);
  CHECK(o.sentence == "--tp 3 does not divide 4 heads");
}

TEST_CASE("two operations of one communicator on two streams wait for each other's turn") {
  // Rank 0 submits a, b; rank 1 submits b, a (on the other stream): each lane is held by the other.
  const Outcome o = run(2, [](RankContext& ctx) {
    Tensor a = zeros(ctx, 4), b = zeros(ctx, 8);
    ctx.comm.wait(ctx.compute.record());  // both are filled
    if (ctx.rank == 0) {
      ctx.tp.all_reduce(a, ctx.compute);
      ctx.tp.all_reduce(b, ctx.comm);
    } else {
      ctx.tp.all_reduce(b, ctx.comm);
      ctx.tp.all_reduce(a, ctx.compute);
    }
  });
  CHECK(o.says("rank 0 is in all_reduce #0 of tp[0,1] (16 bytes f32)"));
  CHECK(o.says("rank 1 is in all_reduce #0 of tp[0,1] (32 bytes f32)"));
}

TEST_CASE("another stream does not help a recv past the send before it: one lane a communicator") {
  const Outcome o = run(2, [](RankContext& ctx) {
    Tensor mine = zeros(ctx, 4), theirs = zeros(ctx, 4);
    ctx.comm.wait(ctx.compute.record());
    ctx.tp.exchange({{Direction::send, 1 - ctx.rank, mine}}, ctx.compute);
    ctx.tp.exchange({{Direction::recv, 1 - ctx.rank, theirs}}, ctx.comm);  // after the send
  });
  CHECK(o.code == ExitCode::deadlock);
  CHECK(o.says("deadlock: "));
}

TEST_CASE("errors in the call itself are found where it is made") {
  CHECK(run(2, [](RankContext& ctx) {
          ctx.tp.exchange({{Direction::send, ctx.rank, zeros(ctx, 1)}}, ctx.compute);
        }).says("cannot talk to rank"));
  CHECK(run(2, [](RankContext& ctx) {
          ctx.tp.broadcast(zeros(ctx, 1), 2, ctx.compute);
        }).says("root 2"));
  CHECK(run(2, [](RankContext& ctx) {
          ctx.tp.all_gather(zeros(ctx, 3), zeros(ctx, 2), ctx.compute);
        }).says("2 ranks of [2] f32 do not make [3] f32"));
  CHECK(run(2, [](RankContext& ctx) {
          ctx.tp.subgroup({1 - ctx.rank}, "kv");
        }).says("is not a member"));
}

}  // namespace shardpipe
