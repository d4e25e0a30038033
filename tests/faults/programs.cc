#include "tests/faults/programs.h"

#include <unistd.h>

#include <atomic>
#include <csignal>
#include <thread>
#include <utility>

#include "core/collectives/all_reduce.h"

namespace shardpipe::wrong {

Tensor zeros(RankContext& ctx, Index size, DType dtype) {
  Tensor t(ctx.device, {size}, dtype);
  ctx.math.fill(t, 0, ctx.compute);
  return t;
}

RankProgram on_rank_1(const std::function<void(RankContext&)>& event) {
  return [=](RankContext& ctx) {
    Tensor x = zeros(ctx, 8);
    ctx.tp.all_reduce(x, ctx.compute);
    ctx.compute.synchronize();
    if (ctx.rank == 1) event(ctx);
    ctx.tp.all_reduce(x, ctx.compute);
  };
}

void sleep_for_ever() {
  for (;;) sleep(600);
}

void spin_in_body(RankContext& ctx) {
  ctx.compute.submit(OpInfo{.name = "spin"}, [] {
    for (std::atomic<bool> never{false}; !never.load();) std::this_thread::yield();
  });
}

RankProgram stops_at_once(int rank) {
  return [=](RankContext& ctx) {
    if (ctx.rank == rank) raise(SIGSTOP);
    ctx.tp.all_reduce(zeros(ctx, 8), ctx.compute);
  };
}

void shorter(RankContext& ctx) {
  const int steps = ctx.rank == 2 ? 3 : 4;
  Tensor w = zeros(ctx, 256 * 256), dw = zeros(ctx, 256 * 256);
  const Tensor a = w.reshape({256, 256}), b = dw.reshape({256, 256});
  for (int step = 0; step < steps; ++step) {
    const Scope mark = ctx.scope({.step = step, .phase = Phase::backward});
    ctx.math.gemm(b, a, Transpose::no, a, Transpose::no, {}, ctx.compute);
    ctx.tp.all_reduce(dw, ctx.compute);
    ctx.compute.synchronize();
  }
}

void returns(RankContext& ctx) {
  Tensor x = zeros(ctx, 8);
  if (ctx.rank != 2) ctx.tp.all_reduce(x, ctx.compute);
}

void collective(RankContext& ctx) {
  Tensor x = zeros(ctx, 8);
  if (ctx.rank == 1)
    ctx.tp.broadcast(x, 0, ctx.compute);
  else
    ctx.tp.all_reduce(x, ctx.compute);
}

void size(RankContext& ctx) { ctx.tp.all_reduce(zeros(ctx, ctx.rank == 2 ? 9 : 8), ctx.compute); }

void dtype(RankContext& ctx) {
  ctx.tp.all_reduce(zeros(ctx, 8, ctx.rank == 0 ? DType::i32 : DType::f32), ctx.compute);
}

void sum_or_max(RankContext& ctx) {
  ctx.tp.all_reduce(zeros(ctx, 8), ctx.rank == 0 ? ReduceOp::max : ReduceOp::sum, ctx.compute);
}

void root(RankContext& ctx) { ctx.tp.broadcast(zeros(ctx, 8), ctx.rank == 0 ? 0 : 1, ctx.compute); }

void order(RankContext& ctx) {
  Tensor a = zeros(ctx, 4), b = zeros(ctx, 8);
  if (ctx.rank == 1) std::swap(a, b);
  ctx.tp.all_reduce(a, ctx.compute);
  ctx.tp.all_reduce(b, ctx.compute);
}

void order_of_groups(RankContext& ctx) {
  Tensor x = zeros(ctx, 8);
  Communicator &first = ctx.rank == 1 ? ctx.world : ctx.tp,
               &second = ctx.rank == 1 ? ctx.tp : ctx.world;
  first.all_reduce(x, ctx.compute);
  second.all_reduce(x, ctx.compute);
}

void crossed(RankContext& ctx) {
  const int next = (ctx.rank + 1) % 3, last = (ctx.rank + 2) % 3;
  Tensor out = zeros(ctx, 4), in = zeros(ctx, 4);
  ctx.tp.exchange({{Direction::send, next, out}}, ctx.compute);
  ctx.tp.exchange({{Direction::recv, last, in}}, ctx.compute);
}

void message(RankContext& ctx, DType received, Index more) {
  if (ctx.rank == 2) return;
  const bool sends = ctx.rank == 0;
  Tensor x = sends ? zeros(ctx, 4) : zeros(ctx, 4 + more, received);
  ctx.tp.exchange({{sends ? Direction::send : Direction::recv, 1 - ctx.rank, x}}, ctx.compute);
}

// With three ranks the messages of the two fit each other in number, size and order.
void algorithm(RankContext& ctx) {
  const CollectiveContext on{ctx.tp, ctx.math, ctx.device, ctx.compute};
  const Tensor x = zeros(ctx, 8);
  if (ctx.rank == 1)
    all_reduce_binomial_tree(x, ReduceOp::sum, on);
  else
    all_reduce_naive(x, ReduceOp::sum, on);
}

void shared_memory(RankContext& ctx) {
  const int next = (ctx.rank + 1) % 3, last = (ctx.rank + 2) % 3;
  const Tensor x = zeros(ctx, 8);
  const Index begin = ctx.rank == 1 ? 3 : 4;
  ctx.tp.exchange(
      {{Direction::send, next, x.slice(0, 4)}, {Direction::recv, last, x.slice(begin, 4)}},
      ctx.compute);
}

namespace {

void use_group(RankContext& ctx, const std::vector<int>& ranks, const std::string& name) {
  const auto group = ctx.world.subgroup(ranks, name);
  group->all_reduce(zeros(ctx, 8), ctx.compute);
  ctx.compute.synchronize();
}

}  // namespace

void other_members(RankContext& ctx) {
  use_group(ctx, ctx.rank == 1 ? std::vector<int>{1, 2} : std::vector<int>{0, 1, 2}, "mine");
}

void fewer_members(RankContext& ctx) {
  use_group(ctx, ctx.rank == 1 ? std::vector<int>{0, 1} : std::vector<int>{0, 1, 2}, "mine");
}

void other_name(RankContext& ctx) { use_group(ctx, {0, 1, 2}, ctx.rank == 1 ? "kv" : "ep"); }

}  // namespace shardpipe::wrong
