// Collectives and messages between ranks of the cuda backend. Integer data: sums are exact, so
// comparisons are too. Rank r contributes 8^(r % 4) and something that depends on the element.
#include <cmath>

#include "tests/backends/cuda/here.h"
#include "tests/support/catch.h"

namespace shardpipe {
namespace {

constexpr int kRanks[] = {1, 2, 3, 4};
constexpr Index kSizes[] = {1, 2, 7, 1000, 4099};

float value(int rank, Index i) {
  return static_cast<float>(std::pow(8, rank % 4)) - static_cast<float>((i + rank) % 17);
}

std::vector<float> values(int rank, Index first, Index count) {
  std::vector<float> v;
  for (Index i = first; i < first + count; ++i) v.push_back(value(rank, i));
  return v;
}

std::vector<float> sums(int ranks, Index first, Index count) {
  std::vector<float> v(static_cast<std::size_t>(count), 0);
  for (int r = 0; r < ranks; ++r)
    for (Index i = 0; i < count; ++i) v[static_cast<std::size_t>(i)] += value(r, first + i);
  return v;
}

Tensor make(RankContext& ctx, const std::vector<float>& v, DType dtype = DType::f32) {
  Tensor t(ctx.device, {static_cast<Index>(v.size())}, dtype);  // [n]
  ctx.math.upload(t, v, ctx.compute);
  return t;
}

void for_all(const std::function<void(int ranks, Index size, Wrong& wrong)>& test) {
  for (const int ranks : kRanks)
    for (const Index size : kSizes) {
      Wrong wrong;
      test(ranks, size, wrong);
      CHECK(wrong.first() == "");
    }
}

std::string place(int ranks, int rank, Index size) {
  return text(ranks, " ranks, rank ", rank, ", ", size, " elements");
}

}  // namespace

TEST_CASE("cuda: all_reduce sums and finds maxima on every rank") {
  for_all([](int ranks, Index size, Wrong& wrong) {
    run_here({.grid = {.tp = ranks}}, [&](RankContext& ctx) {
      Tensor sum = make(ctx, values(ctx.rank, 0, size)), max = make(ctx, values(ctx.rank, 0, size));
      Tensor count(ctx.device, {size}, DType::i32);  // [size]
      ctx.math.fill(count, static_cast<float>(ctx.rank + 1), ctx.compute);
      ctx.tp.all_reduce(sum, ctx.compute);
      ctx.tp.all_reduce(max, ReduceOp::max, ctx.compute);
      ctx.tp.all_reduce(count, ctx.compute);
      std::vector<float> most = values(0, 0, size);
      for (int r = 1; r < ranks; ++r)
        for (Index i = 0; i < size; ++i)
          most[static_cast<std::size_t>(i)] =
              std::max(most[static_cast<std::size_t>(i)], value(r, i));
      wrong.expect(ctx.math.to_host(sum, ctx.compute) == sums(ranks, 0, size),
                   "sum: " + place(ranks, ctx.rank, size));
      wrong.expect(ctx.math.to_host(max, ctx.compute) == most,
                   "max: " + place(ranks, ctx.rank, size));
    });
  });
}

TEST_CASE("cuda: all_reduce of bf16 sums in f32 and rounds once") {
  Wrong wrong;
  run_here({.grid = {.tp = 3}}, [&](RankContext& ctx) {
    // 256 + 1 + 1: rounded after each step it stays 256, rounded once it is 258.
    Tensor t = make(ctx, {ctx.rank == 0 ? 256.0f : 1.0f}, DType::bf16);
    ctx.tp.all_reduce(t, ctx.compute);
    wrong.expect(ctx.math.to_host(t, ctx.compute)[0] == 258, text("rank ", ctx.rank));
  });
  CHECK(wrong.first() == "");
}

TEST_CASE("cuda: all_gather, reduce_scatter and broadcast") {
  for_all([](int ranks, Index size, Wrong& wrong) {
    run_here({.grid = {.tp = ranks}}, [&](RankContext& ctx) {
      Tensor part = make(ctx, values(ctx.rank, 0, size)), all(ctx.device, {ranks, size});
      ctx.tp.all_gather(all, part, ctx.compute);
      std::vector<float> want;
      for (int r = 0; r < ranks; ++r)
        for (const float x : values(r, 0, size)) want.push_back(x);
      wrong.expect(ctx.math.to_host(all, ctx.compute) == want,
                   "all_gather: " + place(ranks, ctx.rank, size));

      Tensor full = make(ctx, values(ctx.rank, 0, ranks * size)), mine(ctx.device, {size});
      ctx.tp.reduce_scatter(mine, full, ctx.compute);
      wrong.expect(ctx.math.to_host(mine, ctx.compute) == sums(ranks, ctx.rank * size, size),
                   "reduce_scatter: " + place(ranks, ctx.rank, size));

      const int root = ranks - 1;
      ctx.tp.broadcast(part, root, ctx.compute);
      wrong.expect(ctx.math.to_host(part, ctx.compute) == values(root, 0, size),
                   "broadcast: " + place(ranks, ctx.rank, size));
    });
  });
}

TEST_CASE("cuda: many collectives in a row on two streams keep their order and their buffers") {
  Wrong wrong;
  const int ranks = 3, steps = 40;
  run_here({.grid = {.tp = ranks}}, [&](RankContext& ctx) {
    for (int step = 0; step < steps; ++step) {
      Stream& s = step % 3 == 0 ? ctx.comm : ctx.compute;
      Tensor t = make(ctx, values(ctx.rank, step, 50));
      s.wait(ctx.compute.record());  // t is uploaded
      ctx.tp.all_reduce(t, s);
      Tensor copy(ctx.device, {50});
      ctx.math.copy(copy, t, s);  // then t's memory is free for the next step
      if (step % 5 == 4)
        wrong.expect(ctx.math.to_host(copy, s) == sums(ranks, step, 50),
                     text("step ", step, " rank ", ctx.rank));
    }
  });
  CHECK(wrong.first() == "");
}

TEST_CASE("cuda: groups of a grid do not mix") {
  Wrong wrong;
  run_here({.grid = {.tp = 2, .pp = 2}}, [&](RankContext& ctx) {
    Tensor tp = make(ctx, {value(ctx.rank, 0)}), pp = make(ctx, {value(ctx.rank, 1)});
    ctx.tp.all_reduce(tp, ctx.compute);
    ctx.pp.all_reduce(pp, ctx.compute);
    float tp_want = 0, pp_want = 0;
    for (const int r : ctx.grid.group_of(ctx.rank, Axis::tp)) tp_want += value(r, 0);
    for (const int r : ctx.grid.group_of(ctx.rank, Axis::pp)) pp_want += value(r, 1);
    wrong.expect(ctx.math.to_host(tp, ctx.compute)[0] == tp_want, text("tp, rank ", ctx.rank));
    wrong.expect(ctx.math.to_host(pp, ctx.compute)[0] == pp_want, text("pp, rank ", ctx.rank));
  });
  CHECK(wrong.first() == "");
}

TEST_CASE("cuda: exchange shifts a ring, two messages to a neighbour stay in order") {
  for_all([](int ranks, Index size, Wrong& wrong) {
    if (ranks == 1) return;
    run_here({.grid = {.pp = ranks}}, [&](RankContext& ctx) {
      const int next = (ctx.rank + 1) % ranks, before = (ctx.rank + ranks - 1) % ranks;
      Tensor a = make(ctx, values(ctx.rank, 0, size)), b = make(ctx, values(ctx.rank, 9, size));
      Tensor c(ctx.device, {size}), d(ctx.device, {size});
      ctx.pp.exchange({{Direction::send, next, a},
                       {Direction::recv, before, c},
                       {Direction::recv, before, d},
                       {Direction::send, next, b}},
                      ctx.compute);
      ctx.math.fill(a, 0, ctx.compute);  // the sends have ended: their tensors are ours again
      wrong.expect(ctx.math.to_host(c, ctx.compute) == values(before, 0, size),
                   "first: " + place(ranks, ctx.rank, size));
      wrong.expect(ctx.math.to_host(d, ctx.compute) == values(before, 9, size),
                   "second: " + place(ranks, ctx.rank, size));
    });
  });
}

TEST_CASE("cuda: messages of one exchange progress together") {
  // Rank 1 receives from 0 and 2 at once; 2 sends to 1 only after it has heard from 0, which first
  // has to end its send to 1.
  Wrong wrong;
  run_here({.grid = {.pp = 3}}, [&](RankContext& ctx) {
    Tensor x = make(ctx, {value(ctx.rank, 0)}), y(ctx.device, {1}), z(ctx.device, {1});
    if (ctx.rank == 0) {
      ctx.pp.exchange({{Direction::send, 1, x}}, ctx.compute);
      ctx.pp.exchange({{Direction::send, 2, x}}, ctx.compute);
    } else if (ctx.rank == 1) {
      ctx.pp.exchange({{Direction::recv, 2, y}, {Direction::recv, 0, z}}, ctx.compute);
      wrong.expect(ctx.math.to_host(y, ctx.compute)[0] == value(2, 0), "from 2");
      wrong.expect(ctx.math.to_host(z, ctx.compute)[0] == value(0, 0), "from 0");
    } else {
      ctx.pp.exchange({{Direction::recv, 0, y}}, ctx.compute);
      ctx.pp.exchange({{Direction::send, 1, x}}, ctx.compute);
    }
  });
  CHECK(wrong.first() == "");
}

TEST_CASE("cuda: a receive posted ahead does not keep the host from sending") {
  // Both ranks first post the receive of what the other one sends later, on a communicator and a
  // stream of its own: host threads that met at each call would wait for each other for ever.
  Wrong wrong;
  run_here({.grid = {.pp = 2}}, [&](RankContext& ctx) {
    auto back = ctx.world.subgroup({0, 1}, "pp");
    Communicator &out = ctx.rank == 0 ? ctx.pp : *back, &in = ctx.rank == 0 ? *back : ctx.pp;
    Tensor x = make(ctx, {value(ctx.rank, 0)}), y(ctx.device, {1});
    in.exchange({{Direction::recv, 1 - ctx.rank, y}}, ctx.comm);
    const Event arrived = ctx.comm.record();
    out.exchange({{Direction::send, 1 - ctx.rank, x}}, ctx.compute);
    ctx.compute.wait(arrived);
    wrong.expect(ctx.math.to_host(y, ctx.compute)[0] == value(1 - ctx.rank, 0), "wrong number");
  });
  CHECK(wrong.first() == "");
}

}  // namespace shardpipe
