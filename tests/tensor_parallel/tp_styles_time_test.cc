// What the twins of tp_style.h do to time and memory: a block of Llama 3 70B's shape, modelled on
// 8xH100. Every run passes the race check, so a wait that is missing fails here.
#include <algorithm>
#include <functional>

#include "core/cost/roofline.h"
#include "core/model/config.h"
#include "core/trace/critical_path.h"
#include "core/trace/stats.h"
#include "tests/support/catch.h"
#include "tests/support/ranks.h"

namespace shardpipe {
namespace {

constexpr Index T = 4096, D = 8192;

BlockOptions block_70b(TpTwin twin, bool recompute_softmax) {
  BlockOptions options = block_options({.family = Family::llama,
                                        .hidden = D,
                                        .ffn = 28672,
                                        .heads = 64,
                                        .kv_heads = 8,
                                        .sequence = T,
                                        .twin = twin,
                                        .dtype = DType::bf16});
  options.attention.recompute_softmax = recompute_softmax;
  return options;
}

struct Figures {
  std::int64_t wall_ns = 0, exposed_ns = 0, overlapped_ns = 0;
  std::int64_t kept_bytes = 0;  // by one rank, from forward until backward
  int on_path = 0;              // collectives and exchanges on the critical path
};

Figures figures(TpTwin twin, bool recompute_softmax = false) {
  Figures f;
  const RunReport report = run_modelled(
      {.grid = {.tp = 8}}, RooflineModel(load_hardware("8xH100")), [&](RankContext& ctx) {
        TransformerBlock block(ctx, 0, block_70b(twin, recompute_softmax));
        const Index rows = splits_tokens(twin.style) ? T / 8 : T;
        Tensor x(ctx.device, {rows, D}, DType::bf16);
        ctx.math.fill(x, 0, ctx.compute);
        ctx.begin_window();
        const std::int64_t before = ctx.device.memory().live_bytes();
        Tensor y = block.forward(x, 0, ctx);
        f.kept_bytes = ctx.device.memory().live_bytes() - before - y.bytes();
        block.backward(y, 0, ctx);
        ctx.end_window();
      });
  const RankTime time = statistics(report.trace).ranks.at(0);
  f.wall_ns = report.trace.wall_ns;
  f.exposed_ns = time.exposed_comm_ns;
  f.overlapped_ns = time.overlapped_comm_ns;
  for (const PathStep& step : critical_path(report.trace))
    f.on_path += is_communication(report.trace.spans.at(static_cast<std::size_t>(step.span)).kind);
  return f;
}

}  // namespace

TEST_CASE("overlapped: sums leave the critical path; the number of pieces has an optimum") {
  const Figures plain = figures({});
  CHECK(plain.overlapped_ns == 0);
  std::vector<std::int64_t> wall;  // by pieces 1, 2, 4, ..., 64
  for (const int chunks : {1, 2, 4, 8, 16, 32, 64})
    wall.push_back(figures({.style = TpStyle::overlapped, .chunks = chunks}).wall_ns);
  const auto best = std::min_element(wall.begin(), wall.end());
  CHECK(best != wall.begin());
  CHECK(best != wall.end() - 1);
  CHECK(std::is_sorted(wall.begin(), best + 1, std::greater<>()));
  CHECK(std::is_sorted(best, wall.end()));
  CHECK(*best < plain.wall_ns);
}

TEST_CASE("column backward: all of dx's sum is under dW") {
  // One piece: what forward exposes is as in plain, so the difference is backward's.
  const Figures plain = figures({}),
                overlapped = figures({.style = TpStyle::overlapped, .chunks = 1});
  CHECK(3 * overlapped.overlapped_ns > plain.exposed_ns);  // of 4 sums 2 are backward's
  CHECK(plain.wall_ns - overlapped.wall_ns == overlapped.overlapped_ns);
}

TEST_CASE("sequence column backward: x is gathered under dx, dx is reduced under dW") {
  const Figures plain = figures({.style = TpStyle::sequence_parallel}),
                overlapped = figures({.style = TpStyle::sequence_overlapped});
  // Of 6 gathers and 4 reduce-scatters of [T,D], 2 and 2 are backward's around dx and dW.
  CHECK(overlapped.overlapped_ns * 10 > plain.exposed_ns * 3);
  CHECK(plain.exposed_ns - overlapped.exposed_ns == overlapped.overlapped_ns);
  CHECK(plain.wall_ns - overlapped.wall_ns == overlapped.overlapped_ns);
}

TEST_CASE("collective matmul: more than three quarters of what is sent is under products") {
  const Figures plain = figures({.style = TpStyle::sequence_parallel}),
                ring = figures({.style = TpStyle::collective_matmul});
  CHECK(plain.overlapped_ns == 0);
  CHECK(ring.overlapped_ns > 3 * ring.exposed_ns);
  CHECK(ring.wall_ns < plain.wall_ns);
}

TEST_CASE("what each style leaves on the critical path") {
  CHECK(figures({}).on_path == 4);
  // The MLP's dx is summed under its dW. That of Q, K and V is smaller than the sum beside it, so
  // this one sticks out.
  CHECK(figures({.style = TpStyle::overlapped, .chunks = 1}).on_path == 3);
  // 2 gathers and 2 reduce-scatters forward; backward 2 gathers of dy, 2 of x, 2 reduce-scatters,
  // of which those around the MLP's dx and dW go.
  CHECK(figures({.style = TpStyle::sequence_parallel}).on_path == 10);
  CHECK(figures({.style = TpStyle::sequence_overlapped}).on_path == 8);
}

TEST_CASE("sequence parallelism keeps 1/t of what norms and residual additions keep") {
  // Both norms' outputs and statistics, and x + attention; x is the caller's.
  const std::int64_t whole = 3 * T * D * 2 + 2 * T * 4;
  for (const TpStyle style :
       {TpStyle::sequence_parallel, TpStyle::sequence_overlapped, TpStyle::collective_matmul})
    CHECK(figures({}).kept_bytes - figures({.style = style}).kept_bytes == whole - whole / 8);
}

TEST_CASE("selective recomputation keeps all but the softmax [h/t,T,T], for one product more") {
  const Figures keep = figures({}), again = figures({}, /*recompute_softmax=*/true);
  CHECK(keep.kept_bytes - again.kept_bytes == 64 / 8 * T * T * 2);
  CHECK(again.wall_ns > keep.wall_ns);
  CHECK(static_cast<double>(again.wall_ns) < 1.1 * static_cast<double>(keep.wall_ns));
}

}  // namespace shardpipe
