// The same programs as on cpu: models under RoundingKernels give the bits of one rank, and
// counters, peak bytes and the trace are those of the cpu backend.
#include <algorithm>

#include "core/reference/rounding_kernels.h"
#include "tests/backends/mpi/support.h"
#include "tests/support/decoder_cases.h"
#include "tests/support/pipeline_cases.h"

namespace shardpipe {
namespace {

std::unique_ptr<Kernels> rounding_kernels() { return std::make_unique<RoundingKernels>(); }

RankResult run_one(GridShape grid, const TpProgram& program) {
  RankResult mine;
  run_on_mpi({.grid = grid, .time_limit_s = 60, .make_kernels = rounding_kernels},
             [&](RankContext& ctx) { mine = program(ctx); });
  return mine;
}

PipelineCase pipeline_case(Family family, const char* schedule, GridShape grid) {
  PipelineCase c = {.config = {.family = family,
                               .layers = 4,
                               .hidden = 16,
                               .ffn = 16,
                               .heads = 4,
                               .kv_heads = 2,
                               .vocabulary = 11,
                               .sequence = 4,
                               .tied = family == Family::gpt2,
                               .rotary_theta = 3},
                    .grid = grid,
                    .options = {.schedule = schedule, .microbatches = 4}};
  c.options.loss_scale =
      4 * static_cast<float>(tokens_of(c.config) * c.options.microbatches * grid.dp);
  return c;
}

}  // namespace

TEST_CASE(
    "decoders: losses and gradients of tensor-parallel processes equal one rank bit for bit") {
  int runs = 0;
  std::vector<DecoderCase> cases = decoder_cases(24, 4, {ranks()});
  if (ranks() != 3)  // 2 key/value heads, 16 tokens
    for (const DecoderCase& c : style_cases({ranks()})) cases.push_back(c);
  for (const DecoderCase& c : cases) {
    if (c.tps.empty()) continue;
    ++runs;
    const float scale = 4 * static_cast<float>(tokens_of(c.config));
    auto program = [&](RankContext& ctx) {
      return run_decoder(ctx, c.config, exact_fill(4), scale, 2);
    };
    const HostTensors want = whole_tensors(run_tp(1, program, rounding_kernels));
    INFO(c.name << ", rank " << own_rank());
    CHECK(first_wrong(run_one({.tp = ranks()}, program), want) == "");
  }
  CHECK(runs > 0);
}

TEST_CASE("pipelines of processes, alone and times tensor parallelism, equal one rank") {
  const int n = ranks();
  std::vector<GridShape> grids = {{.pp = n}};
  if (n == 4) grids.insert(grids.end(), {{.tp = 2, .pp = 2}, {.pp = 2, .dp = 2}});
  for (const GridShape grid : grids)
    for (const char* schedule : {"gpipe", "1f1b", "zb_h1"}) {
      if (4 % grid.pp != 0) continue;
      const PipelineCase c = pipeline_case(Family::llama, schedule, grid);
      const HostTensors want = whole_tensors(run_tp(
          1, [&](RankContext& ctx) { return run_without_pipeline(ctx, c, exact_fill(4)); },
          rounding_kernels));
      INFO(to_string(c) << ", rank " << own_rank());
      CHECK(
          first_wrong(
              run_one(grid, [&](RankContext& ctx) { return run_pipeline(ctx, c, exact_fill(4)); }),
              want) == "");
    }
}

TEST_CASE("counters, peak bytes and spans are those of the cpu backend, on every process") {
  const PipelineCase c = pipeline_case(
      Family::gpt2, "1f1b", {.pp = ranks() == 3 ? 1 : 2, .dp = ranks() / (ranks() == 3 ? 1 : 2)});
  auto program = [&](RankContext& ctx) {
    ctx.begin_window();
    run_pipeline(ctx, c, exact_fill(4));
    ctx.end_window();
  };
  const RunReport mpi = run_here(program, c.grid);
  const RunReport cpu = run_on_cpu({.grid = c.grid}, program);
  CHECK(mpi.ranks.size() == cpu.ranks.size());
  for (std::size_t r = 0; r < cpu.ranks.size(); ++r) {
    INFO("rank " << r << " as process " << own_rank() << " sees it");
    CHECK(mpi.ranks[r].peak_bytes == cpu.ranks[r].peak_bytes);
    CHECK(mpi.ranks[r].live_bytes == cpu.ranks[r].live_bytes);
    CHECK(mpi.ranks[r].communication.size() == cpu.ranks[r].communication.size());
    for (std::size_t i = 0; i < cpu.ranks[r].communication.size(); ++i) {
      const CommCount &a = mpi.ranks[r].communication[i], &b = cpu.ranks[r].communication[i];
      CHECK(a.group == b.group);
      CHECK(a.kind == b.kind);
      CHECK(a.calls == b.calls);
      CHECK(a.bytes == b.bytes);
      CHECK(a.wire_bytes == b.wire_bytes);
    }
  }
  CHECK(mpi.trace.spans.size() == cpu.trace.spans.size());
  CHECK(mpi.trace.lanes.size() == cpu.trace.lanes.size());
}

TEST_CASE("the trace of all processes lies on one clock") {
  const RunReport report = run_here([](RankContext& ctx) {
    Tensor x(ctx.device, {1000});
    ctx.math.fill(x, 1, ctx.compute);
    ctx.begin_window();
    for (int i = 0; i < 20; ++i) ctx.tp.all_reduce(x, ctx.compute);
    ctx.end_window();
  });
  const Trace& trace = report.trace;
  CHECK(trace.ranks() == ranks());
  CHECK(trace.clock_error_ns == 0);  // they have one kernel; measured clocks: pieces_test.cc
  CHECK(report.notes.empty());
  // No rank leaves a meeting before the last one has come.
  std::map<std::int64_t, std::pair<std::int64_t, std::int64_t>> meetings;  // last post, first end
  for (const Span& span : trace.spans) {
    auto& [post, end] =
        meetings.emplace(span.sequence, std::pair(INT64_MIN, INT64_MAX)).first->second;
    post = std::max(post, span.posted_ns);
    end = std::min(end, span.end_ns);
    CHECK(span.posted_ns <= span.ready_ns);
    CHECK(span.ready_ns <= span.end_ns);
  }
  CHECK(meetings.size() == 20);
  for (const auto& [sequence, times] : meetings) CHECK(times.first <= times.second);
}

TEST_CASE("a run of another size is refused, on every process alike") {
  ExitCode code = ExitCode::success;
  try {
    run_on_mpi({.grid = {.tp = ranks() + 1}}, [](RankContext&) {});
  } catch (const Error& e) {
    code = e.code();
  }
  CHECK(code == ExitCode::usage);
}

}  // namespace shardpipe
