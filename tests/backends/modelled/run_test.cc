// What a run does apart from timing: groups, errors of a rank's program, misuse.
#include <map>
#include <set>
#include <stdexcept>

#include "tests/backends/modelled/support.h"
#include "tests/support/catch.h"

namespace shardpipe {

TEST_CASE("modelled: members of a group share its id, and ids are unique in the run") {
  std::map<int, std::string> labels;             // by id
  std::map<std::string, std::vector<int>> seen;  // ids, by label and call
  run_modelled({.grid = {.tp = 2, .pp = 3}}, AlphaBeta(), [&](RankContext& ctx) {
    const std::vector<int> half = ctx.rank < 3 ? std::vector{2, 0, 1} : std::vector{3, 4, 5};
    auto first = ctx.world.subgroup(half, "kv"), second = ctx.world.subgroup(half, "kv");
    CHECK(first->group().ranks == half);
    CHECK(half[static_cast<std::size_t>(first->rank())] == ctx.rank);
    const auto note = [&](const Communicator& c, const std::string& call) {
      labels.emplace(c.group().id, c.group().label() + call);
      CHECK(labels[c.group().id] == c.group().label() + call);
      seen[c.group().label() + call].push_back(c.group().id);
    };
    note(ctx.world, "");
    note(ctx.tp, "");
    note(ctx.pp, "");
    note(ctx.dp, "");
    note(*first, " first");
    note(*second, " second");
  });
  CHECK(labels[0] == "world[0,1,2,3,4,5]");
  CHECK(labels.size() == 1 + 3 + 2 + 6 + 4);  // world, tp, pp, dp of one rank each, kv twice
  for (const auto& [label, ids] : seen) CHECK(std::set<int>(ids.begin(), ids.end()).size() == 1);
}

TEST_CASE("modelled: a group of a group is named by world ranks") {
  const Failure failure = failure_of({.grid = {.tp = 2, .dp = 3}}, [](RankContext& ctx) {
    if (ctx.dp.rank() == 0) return;
    auto part = ctx.dp.subgroup({2, 1}, "kv");
    if (ctx.dp.rank() == 1) part->barrier(ctx.compute);
  });
  CHECK(contains(failure.message, "barrier #0 of group kv[4,2] for rank 4"));
}

TEST_CASE("modelled: members that name a group differently are told") {
  const Failure failure = failure_of({.grid = {.tp = 3}}, [](RankContext& ctx) {
    ctx.world.subgroup({0, 1, 2}, ctx.rank == 1 ? "b" : "a");
  });
  CHECK(failure.code == ExitCode::wrong);
  CHECK(contains(failure.message,
                 "rank 1: subgroup of world[0,1,2]: one member calls it a[0,1,2], "
                 "another b"));
}

TEST_CASE(
    "modelled: what a program throws says which rank and where, bad input alone; the first one "
    "wins") {
  const Failure usage = failure_of({.grid = {.tp = 3}}, [](RankContext& ctx) {
    if (ctx.rank > 0) usage_error(text("--hidden ", 10 + ctx.rank, ": must divide by 3"));
  });
  CHECK(usage.code == ExitCode::usage);
  CHECK(usage.message == "--hidden 11: must divide by 3");
  const Failure other = failure_of({.grid = {.tp = 3}}, [](RankContext& ctx) {
    if (ctx.rank == 2) throw std::out_of_range("index 9");
  });
  CHECK(other.code == ExitCode::crash);
  CHECK(other.message == "rank 2: index 9 (before any communication)");
}

TEST_CASE("modelled: an event of another rank orders nothing and is refused") {
  Event of_rank_0;
  const Failure failure = failure_of({.grid = {.tp = 3}}, [&](RankContext& ctx) {
    if (ctx.rank == 0) of_rank_0 = ctx.compute.record();
    if (ctx.rank == 2) ctx.comm.wait(of_rank_0);
  });
  CHECK(contains(failure.message, "rank 2: stream comm: wait() for an event of another rank"));
}

TEST_CASE("modelled: bodies are dropped") {
  int runs = 0;
  run_modelled({.grid = {.tp = 3}}, AlphaBeta(), [&](RankContext& ctx) {
    ctx.compute.submit(OpInfo{.name = "body"}, [&runs] { ++runs; });
  });
  CHECK(runs == 0);
}

TEST_CASE("modelled: Math has sizes, costs and order here, but no numbers") {
  const auto column_row = [](bool waits) {
    return [waits](RankContext& ctx) {
      Tensor x(ctx.device, {5, 7}), w(ctx.device, {7, 3}), y(ctx.device, {5, 3});
      ctx.math.upload(x, std::vector<float>(35, -1.5f), ctx.compute);
      ctx.math.gemm(y, x, Transpose::no, w, Transpose::no, {}, ctx.compute);  // y [5,3] partial
      if (waits) ctx.comm.wait(ctx.compute.record());                         // y is partial
      ctx.tp.all_reduce(y, ctx.comm);
    };
  };
  const RunReport report = run_modelled({.grid = {.tp = 3}}, AlphaBeta(1, 0), column_row(true));
  CHECK(spans_of(report.trace, 2, "gemm").at(0).busy_ns() == 2 * 5 * 3 * 7);  // a flop a ns
  const auto shape_of = [&](const char* name) {
    const Span span = spans_of(report.trace, 2, name).at(0);
    return report.trace.shapes.at(static_cast<std::size_t>(span.shape));
  };
  CHECK(shape_of("gemm") == "[5, 7] x [7, 3]");
  CHECK(shape_of("all_reduce") == "[5, 3]");
  CHECK(contains(failure_of({.grid = {.tp = 3}}, column_row(false)).message,
                 "all_reduce (stream comm) writes 60 bytes of buffer 2 (from byte 0) that gemm "
                 "(stream compute) writes"));
  CHECK(failure_of({.grid = {.tp = 3}}, [](RankContext& ctx) {
          ctx.math.to_host(Tensor(ctx.device, {2}), ctx.compute);
        }).message != "");
}

TEST_CASE("modelled: sizes that no one has at home") {
  RunOptions options{.grid = {.tp = 8, .pp = 8, .dp = 16}};
  options.record_trace = false;
  const RunReport report = run_modelled(options, AlphaBeta(1, 0), [](RankContext& ctx) {
    Tensor weights(ctx.device, {1 << 20, 1 << 12});  // 16 GiB a rank
    ctx.tp.all_reduce(weights, ctx.compute);
    ctx.dp.all_reduce(weights, ctx.compute);
  });
  CHECK(report.ranks.size() == 1024);
  CHECK(report.ranks[1023].peak_bytes == std::int64_t{1} << 34);
  CHECK(report.trace.wall_ns == 2);
}

}  // namespace shardpipe
