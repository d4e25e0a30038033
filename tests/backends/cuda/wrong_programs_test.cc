// What a broken program ends with on the cuda backend: one sentence that names the ranks.
#include "tests/backends/cuda/here.h"
#include "tests/support/catch.h"

namespace shardpipe {
namespace {

struct Ending {
  ExitCode code = ExitCode::success;
  std::string what = {};
};

Ending ending_of(GridShape grid, const RankProgram& program) {
  try {
    run_here({.grid = grid, .time_limit_s = 5}, program);
  } catch (const Error& e) {
    return {e.code(), e.what()};
  }
  return {};
}

bool has(const Ending& e, const std::string& part) {
  return e.what.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("cuda: a rank that does not come to a collective is named") {
  const Ending e = ending_of({.tp = 3}, [](RankContext& ctx) {
    Tensor t(ctx.device, {5});
    ctx.math.fill(t, 1, ctx.compute);
    if (ctx.rank != 1) ctx.tp.all_reduce(t, ctx.compute);
  });
  INFO(e.what);
  CHECK(e.code == ExitCode::deadlock);
  CHECK(has(e, "rank 0 waits in all_reduce #0 of tp[0,1,2] for rank 1"));
  CHECK(has(e, "rank 1 has returned"));
}

TEST_CASE("cuda: sends that wait for each other are a deadlock, found without the time limit") {
  const std::int64_t limit_s = 3600;
  Ending e;
  try {
    run_here({.grid = {.pp = 3}, .time_limit_s = limit_s}, [](RankContext& ctx) {
      Tensor a(ctx.device, {5}), b(ctx.device, {5});
      const int next = (ctx.rank + 1) % 3, before = (ctx.rank + 2) % 3;
      ctx.pp.exchange({{Direction::send, next, a}}, ctx.compute);
      ctx.pp.exchange({{Direction::recv, before, b}}, ctx.compute);
    });
  } catch (const Error& error) {
    e = {error.code(), error.what()};
  }
  INFO(e.what);
  CHECK(e.code == ExitCode::deadlock);
  CHECK(has(e, "rank 2 waits in an exchange of pp[0,1,2] for its send to rank 0"));
}

TEST_CASE("cuda: collectives that do not match are named with both calls") {
  const Ending e = ending_of({.tp = 2}, [](RankContext& ctx) {
    Tensor t(ctx.device, {ctx.rank == 0 ? 5 : 6});
    ctx.tp.all_reduce(t, ctx.compute);
    ctx.compute.synchronize();
  });
  INFO(e.what);
  CHECK(e.code == ExitCode::wrong);
  CHECK(has(e, "all_reduce of 20 bytes f32"));
  CHECK(has(e, "all_reduce of 24 bytes f32"));
}

TEST_CASE("cuda: messages of different sizes are named with both ends") {
  const Ending e = ending_of({.pp = 2}, [](RankContext& ctx) {
    Tensor t(ctx.device, {ctx.rank == 0 ? 5 : 6});
    ctx.pp.exchange({{ctx.rank == 0 ? Direction::send : Direction::recv, 1 - ctx.rank, t}},
                    ctx.compute);
  });
  INFO(e.what);
  CHECK(e.code == ExitCode::wrong);
  CHECK(has(e, "rank 0 sends 20 bytes f32 (wrong_programs_test.cc:"));
  CHECK(has(e, "rank 1 receives 24 bytes f32 (wrong_programs_test.cc:"));
}

TEST_CASE("cuda: the error of a program comes out, not what it did to other ranks") {
  const Ending e = ending_of({.tp = 3}, [](RankContext& ctx) {
    Tensor t(ctx.device, {5});
    if (ctx.rank == 2) fail("rank 2 gives up");
    ctx.tp.all_reduce(t, ctx.compute);
    ctx.compute.synchronize();
  });
  CHECK(e.code == ExitCode::crash);
  CHECK(e.what == "rank 2 gives up");
}

TEST_CASE("cuda: a run after a failed one is not disturbed by it") {
  for (int round = 0; round < 3; ++round) {
    ending_of({.tp = 2}, [](RankContext& ctx) {
      Tensor t(ctx.device, {5});
      if (ctx.rank == 0) ctx.tp.all_reduce(t, ctx.compute);
    });
    const Ending good = ending_of({.tp = 2}, [](RankContext& ctx) {
      Tensor t(ctx.device, {5});
      ctx.math.fill(t, 2, ctx.compute);
      ctx.tp.all_reduce(t, ctx.compute);
      if (ctx.math.to_host(t, ctx.compute)[4] != 4) fail("wrong sum");
    });
    CHECK(good.what == "");
  }
}

}  // namespace shardpipe
