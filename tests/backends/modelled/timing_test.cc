// Modelled time against closed forms and small sums done by hand.
// Letters: p stages, m micro-batches, n ranks; F, B length of a forward and a backward.
#include "tests/backends/modelled/support.h"
#include "tests/support/catch.h"

namespace shardpipe {
namespace {

std::int64_t wall_ns(const RunOptions& options, const CostModel& costs,
                     const RankProgram& program) {
  return run_modelled(options, costs, program).trace.wall_ns;
}

// GPipe: all forwards, then all backwards.
void gpipe(RankContext& ctx, int m, std::int64_t forward_ns, std::int64_t backward_ns) {
  const int stage = ctx.pp.rank(), last = ctx.pp.size() - 1;
  Tensor activation(ctx.device, {5, 3}), gradient(ctx.device, {5, 3});
  for (int i = 0; i < m; ++i) {
    auto mark = ctx.scope({.stage = stage, .microbatch = i, .phase = Phase::forward});
    if (stage > 0) recv(ctx.pp, stage - 1, activation, ctx.compute);
    work(ctx.compute, forward_ns, {activation.write()}, "forward");
    if (stage < last) send(ctx.pp, stage + 1, activation, ctx.compute);
  }
  for (int i = 0; i < m; ++i) {
    auto mark = ctx.scope({.stage = stage, .microbatch = i, .phase = Phase::backward});
    if (stage < last) recv(ctx.pp, stage + 1, gradient, ctx.compute);
    work(ctx.compute, backward_ns, {gradient.write()}, "backward");
    if (stage > 0) send(ctx.pp, stage - 1, gradient, ctx.compute);
  }
}

}  // namespace

TEST_CASE("modelled: GPipe with free messages takes (m + p - 1)(F + B)") {
  for (const int p : {1, 3, 4, 7})
    for (const int m : {1, 2, 5, 12})
      CHECK(wall_ns({.grid = {.pp = p}}, AlphaBeta(),
                    [&](RankContext& ctx) { gpipe(ctx, m, 1, 2); }) == (m + p - 1) * 3);
}

TEST_CASE("modelled: a ring all-reduce by exchange takes 2 (n-1) (alpha + beta S/n)") {
  const AlphaBeta costs(700, 3);
  for (const int n : {2, 3, 5}) {
    const Index chunk = (1000 + n - 1) / n;  // 1000 elements, padded
    const auto ring = [&](RankContext& ctx) {
      Tensor x(ctx.device, {n, chunk}), other(ctx.device, {chunk});
      const int me = ctx.tp.rank(), next = (me + 1) % n, previous = (me + n - 1) % n;
      for (int step = 0; step < 2 * (n - 1); ++step)
        ctx.tp.exchange({{Direction::send, next, x.slice((me + 2 * n - step) % n, 1)},
                         {Direction::recv, previous, other}},
                        ctx.compute);
    };
    CHECK(wall_ns({.grid = {.tp = n}}, costs, ring) == 2 * (n - 1) * (700 + 3 * 4 * chunk));
  }
}

TEST_CASE("modelled: a collective starts when its last rank comes, and says which") {
  const RunReport report =
      run_modelled({.grid = {.tp = 3}}, AlphaBeta(10, 1), [](RankContext& ctx) {
        Tensor x(ctx.device, {7});
        const std::int64_t before_ns[] = {5, 40, 20};
        work(ctx.compute, before_ns[ctx.rank]);
        ctx.tp.all_reduce(x, ctx.compute);
      });
  CHECK(report.trace.wall_ns == 40 + 10 + 28);
  const std::int64_t posted_ns[] = {5, 40, 20};
  for (int rank = 0; rank < 3; ++rank) {
    const auto spans = spans_of(report.trace, rank, "all_reduce");
    REQUIRE(spans.size() == 1);
    CHECK(spans[0].posted_ns == posted_ns[rank]);
    CHECK(spans[0].ready_ns == 40);
    CHECK(spans[0].end_ns == 78);
    CHECK(spans[0].waits_for == (rank == 1 ? -1 : 1));
  }
}

TEST_CASE("modelled: an exchange waits for its own partners only") {
  // 0 -> 1 -> 2, rank 2 comes late: rank 1 waits for it, rank 0 does not.
  const RunReport report =
      run_modelled({.grid = {.pp = 3}}, AlphaBeta(10, 0), [](RankContext& ctx) {
        Tensor in(ctx.device, {3}), out(ctx.device, {5});
        if (ctx.rank == 0) send(ctx.pp, 1, in, ctx.compute);
        if (ctx.rank == 1)
          ctx.pp.exchange({{Direction::recv, 0, in}, {Direction::send, 2, out}}, ctx.compute);
        if (ctx.rank == 2) work(ctx.compute, 100);
        if (ctx.rank == 2) recv(ctx.pp, 1, out, ctx.compute);
      });
  const auto span = [&](int rank) { return spans_of(report.trace, rank, "exchange").at(0); };
  CHECK(span(0).end_ns == 10);
  CHECK(span(0).waits_for == -1);
  CHECK(span(1).ready_ns == 100);
  CHECK(span(1).waits_for == 2);
  CHECK(span(2).end_ns == 110);
}

TEST_CASE("modelled: operations of one communicator take turns, of two they overlap") {
  const auto program = [](bool same) {
    return [same](RankContext& ctx) {
      Tensor x(ctx.device, {10}), y(ctx.device, {10});
      ctx.tp.all_reduce(x, ctx.comm);
      (same ? ctx.tp : ctx.world).all_reduce(y, ctx.compute);
    };
  };
  const AlphaBeta costs(60, 1);
  CHECK(wall_ns({.grid = {.tp = 3}}, costs, program(true)) == 200);
  CHECK(wall_ns({.grid = {.tp = 3}}, costs, program(false)) == 100);
}

TEST_CASE("modelled: the turn of a communicator is that of submission, whatever the stream") {
  // The first operation sits behind 50 of work on its stream; the second could go, but may not.
  const RunReport report =
      run_modelled({.grid = {.tp = 3}}, AlphaBeta(10, 0), [](RankContext& ctx) {
        Tensor x(ctx.device, {3}), y(ctx.device, {3});
        work(ctx.compute, 50);
        ctx.tp.all_reduce(x, ctx.compute);
        ctx.tp.all_gather(Tensor(ctx.device, {9}), y, ctx.comm);
      });
  CHECK(spans_of(report.trace, 2, "all_reduce").at(0).ready_ns == 50);
  CHECK(spans_of(report.trace, 2, "all_gather").at(0).posted_ns == 60);
}

TEST_CASE("modelled: events order streams and let the rest overlap") {
  const auto layers = [](bool overlapped) {
    return [overlapped](RankContext& ctx) {
      Tensor dx(ctx.device, {25});
      for (int layer = 0; layer < 4; ++layer) {
        work(ctx.compute, 100, {dx.write()}, "dx");
        if (overlapped) ctx.comm.wait(ctx.compute.record());  // dx is ready
        ctx.tp.all_reduce(dx, overlapped ? ctx.comm : ctx.compute);
        work(ctx.compute, 150, {}, "dw");
        if (overlapped) ctx.compute.wait(ctx.comm.record());  // dx is reduced
      }
    };
  };
  CHECK(wall_ns({.grid = {.tp = 3}}, AlphaBeta(0, 1), layers(false)) == 4 * (100 + 100 + 150));
  CHECK(wall_ns({.grid = {.tp = 3}}, AlphaBeta(0, 1), layers(true)) == 4 * (100 + 150));
}

TEST_CASE("modelled: the host is a lane: synchronize() delays what is submitted after it") {
  const auto program = [](bool blocking) {
    return [blocking](RankContext& ctx) {
      work(ctx.compute, 100);
      if (blocking) ctx.compute.synchronize();
      work(ctx.comm, 100);
    };
  };
  CHECK(wall_ns({}, AlphaBeta(), program(false)) == 100);
  CHECK(wall_ns({}, AlphaBeta(), program(true)) == 200);
}

TEST_CASE("modelled: an operation starts after its launch, so many small ones are launch bound") {
  const auto ops = [](std::int64_t ns) {
    return [ns](RankContext& ctx) {
      for (int i = 0; i < 20; ++i) work(ctx.compute, ns);
    };
  };
  CHECK(wall_ns({}, AlphaBeta(0, 0, 5), ops(2)) == 20 * 5 + 2);
  CHECK(wall_ns({}, AlphaBeta(0, 0, 5), ops(9)) == 5 + 20 * 9);
}

TEST_CASE("modelled: an event that was never recorded is a point long past") {
  CHECK(wall_ns({}, AlphaBeta(), [](RankContext& ctx) {
          ctx.compute.wait(Event());
          work(ctx.compute, 7);
        }) == 7);
}

TEST_CASE("modelled: two runs give the same trace, and it has one span for each operation") {
  const auto program = [](RankContext& ctx) {
    gpipe(ctx, 5, 3 + ctx.rank, 7);
    Tensor x(ctx.device, {11});
    ctx.dp.all_reduce(x, ctx.comm);
  };
  const RunOptions options{.grid = {.pp = 3, .dp = 2}};
  const AlphaBeta costs(13, 2, 1);
  const Trace a = run_modelled(options, costs, program).trace;
  const Trace b = run_modelled(options, costs, program).trace;
  CHECK(a.clock == "modelled");
  CHECK(print(a) == print(b));
  // Each pipeline: 3 x 5 x 2 pieces of work, 2 x 2 x 5 messages seen from both sides.
  CHECK(a.spans.size() == 2 * (30 + 40) + 6);
}

}  // namespace shardpipe
