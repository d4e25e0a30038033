// A program that goes wrong in the way its argument names; wrong_programs.sh looks at how it ends.
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <thread>

#include "core/launch/launch.h"
#include "core/launch/processes.h"

namespace shardpipe {
namespace {

Tensor zeros(RankContext& ctx, Index size, DType dtype = DType::f32) {
  Tensor t(ctx.device, {size}, dtype);
  ctx.math.fill(t, 0, ctx.compute);
  return t;
}

// On rank 1 something happens, while the others wait in an all_reduce.
RankProgram on_rank_1(const std::function<void(RankContext&)>& event) {
  return [=](RankContext& ctx) {
    Tensor x = zeros(ctx, 8);
    ctx.tp.all_reduce(x, ctx.compute);
    ctx.compute.synchronize();
    if (ctx.rank == 1) event(ctx);
    ctx.tp.all_reduce(x, ctx.compute);
  };
}

void order(RankContext& ctx) {
  Tensor a = zeros(ctx, 4), b = zeros(ctx, 8);
  if (ctx.rank == 1) std::swap(a, b);
  ctx.tp.all_reduce(a, ctx.compute);
  ctx.tp.all_reduce(b, ctx.compute);
}

void missing(RankContext& ctx) {
  Tensor x = zeros(ctx, 8);
  if (ctx.rank != 2) ctx.tp.all_reduce(x, ctx.compute);
}

void crossed(RankContext& ctx) {
  const int next = (ctx.rank + 1) % 3, last = (ctx.rank + 2) % 3;
  Tensor out = zeros(ctx, 4), in = zeros(ctx, 4);
  ctx.tp.exchange({{Direction::send, next, out}}, ctx.compute);
  ctx.tp.exchange({{Direction::recv, last, in}}, ctx.compute);
}

void message(RankContext& ctx, DType dtype, Index more) {
  if (ctx.rank == 2) return;
  const bool sends = ctx.rank == 0;
  Tensor x = sends ? zeros(ctx, 4) : zeros(ctx, 4 + more, dtype);
  ctx.tp.exchange({{sends ? Direction::send : Direction::recv, 1 - ctx.rank, x}}, ctx.compute);
}

const std::map<std::string, RankProgram>& programs() {
  static const std::map<std::string, RankProgram> all = {
      {"throws", on_rank_1([](RankContext&) { fail("the disk is full"); })},
      {"throws-in-body", on_rank_1([](RankContext& ctx) {
         ctx.compute.submit(OpInfo{.name = "bad"}, [] { fail("no such kernel"); });
       })},
      {"throws-something", on_rank_1([](RankContext&) { throw std::runtime_error("odd"); })},
      {"exits", on_rank_1([](RankContext&) { std::exit(0); })},
      {"leaves", on_rank_1([](RankContext&) { _exit(0); })},
      {"killed", on_rank_1([](RankContext&) { raise(SIGKILL); })},
      {"stops", on_rank_1([](RankContext&) { raise(SIGSTOP); })},
      {"first-stops",
       [](RankContext& ctx) {
         if (ctx.rank == 0) raise(SIGSTOP);
         ctx.tp.all_reduce(zeros(ctx, 8), ctx.compute);
       }},
      {"sleeps", on_rank_1([](RankContext&) { sleep(600); })},
      {"spins", on_rank_1([](RankContext& ctx) {
         ctx.compute.submit(OpInfo{.name = "spin"}, [] {
           for (std::atomic<bool> never{false}; !never.load();) std::this_thread::yield();
         });
       })},
      // By hand: what happens when the network between two hosts goes.
      {"endless",
       [](RankContext& ctx) {
         for (Tensor x = zeros(ctx, 8);; ctx.compute.synchronize())
           ctx.tp.all_reduce(x, ctx.compute);
       }},
      {"usage", [](RankContext&) { usage_error("--tp 3 does not divide 4 heads"); }},
      {"collective",
       [](RankContext& ctx) {
         if (ctx.rank == 1)
           ctx.tp.broadcast(zeros(ctx, 8), 0, ctx.compute);
         else
           ctx.tp.all_reduce(zeros(ctx, 8), ctx.compute);
       }},
      {"size",
       [](RankContext& ctx) { ctx.tp.all_reduce(zeros(ctx, ctx.rank == 2 ? 9 : 8), ctx.compute); }},
      {"dtype",
       [](RankContext& ctx) {
         ctx.tp.all_reduce(zeros(ctx, 8, ctx.rank == 0 ? DType::i32 : DType::f32), ctx.compute);
       }},
      {"order", order},
      {"missing", missing},
      {"crossed", crossed},
      {"message-size", [](RankContext& ctx) { message(ctx, DType::f32, 1); }},
      {"message-dtype", [](RankContext& ctx) { message(ctx, DType::i32, 0); }},
      {"group",
       [](RankContext& ctx) {
         ctx.world.subgroup(ctx.rank == 1 ? std::vector<int>{1, 2} : std::vector<int>{0, 1, 2},
                            "wrong");
       }},
      {"group-size",
       [](RankContext& ctx) {
         ctx.world.subgroup(ctx.rank == 1 ? std::vector<int>{0, 1} : std::vector<int>{0, 1, 2},
                            "wrong");
       }},
  };
  return all;
}

}  // namespace
}  // namespace shardpipe

int main(int argc, char** argv) {
  using namespace shardpipe;
  if (argc != 2 || !programs().contains(argv[1])) return 2;
  try {
    run_on_mpi({.grid = {.tp = started_processes().size}, .time_limit_s = 3},
               programs().at(argv[1]));
  } catch (const Error& e) {
    std::fprintf(stderr, "came back with an error: %s\n", e.what());
  }
  return 0;
}
