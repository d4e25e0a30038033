// comm-progress: an all-reduce beside compute that takes three times as long, by raw calls of MPI:
// what each way to make progress hides of it. With processes as ranks only.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>

#include "core/launch/mpi_progress.h"
#include "labs/harness.h"
#include "labs/report.h"

namespace shardpipe {
namespace {

constexpr int kRepetitions = 25;
constexpr double kComputeOverAllReduce = 3, kProbeRounds = 1e6;
constexpr std::int64_t kFirstRawCall = 1'000'000'000;  // no collective of a run has this number
constexpr Index kMostElements = Index{1} << 26;

Index elements_of(const LabOptions& o) {
  const double bytes = positive_number(o, "bytes");
  const double elements = bytes / size_of(DType::f32);
  if (elements != std::floor(elements) || elements > static_cast<double>(kMostElements))
    usage_error(
        text("--bytes ", o.toggle("bytes"), ": must be a multiple of 4 up to ", 4 * kMostElements));
  return static_cast<Index>(elements);
}

struct Case {
  ProgressWay way = ProgressWay::blocking;
  Tensor x = {};  // empty: compute alone
  double rounds = 0;
};

// The call in which an all-reduce of x ends. It is none of the communicator's, so what that does
// for its own is done here: it is counted, and numbered apart from them.
OpInfo traced_as_all_reduce(RankContext& ctx, const Tensor& x, std::int64_t number) {
  const int n = ctx.world.size();
  ctx.world.counters().add(ctx.world.group().axis, OpKind::all_reduce, x.bytes(),
                           2 * (n - 1) * x.bytes() / n);
  return {.kind = OpKind::all_reduce,
          .name = "all_reduce",
          .bytes = x.bytes(),
          .operands = {x.write()},
          .dims = dims_of(x.shape()),
          .group = &ctx.world.group(),
          .rank = ctx.world.rank(),
          .sequence = kFirstRawCall + number};
}

// What the lab is about, on the compute stream. In a trace the all-reduce is the call that ends it:
// what compute did not hide.
void submit(RankContext& ctx, const Case& c, std::int64_t number) {
  std::shared_ptr<RawAllReduce> calls = raw_all_reduce(c.way);
  const auto begin = [calls, view = c.x.view()] { calls->begin(view.f32(), view.elements()); };
  const auto compute = [&] {
    ctx.compute.submit(OpInfo{.name = "compute", .flops = 2 * c.rounds},
                       [calls, rounds = c.rounds] { calls->compute(rounds); });
  };
  if (c.x.elements() == 0) return compute();
  OpInfo ending = traced_as_all_reduce(ctx, c.x, number);
  if (c.way == ProgressWay::blocking) {
    ctx.compute.submit(std::move(ending), begin);
    return compute();
  }
  ctx.compute.submit(OpInfo{.name = "MPI_Iallreduce", .operands = {c.x.write()}}, begin);
  compute();
  ctx.compute.submit(std::move(ending), [calls] { calls->finish(); });
}

// The slowest rank's time of one call.
double seconds_of(RankContext& ctx, const Case& c, std::int64_t number) {
  ctx.world.barrier(ctx.compute);
  ctx.compute.synchronize();
  const auto begin = std::chrono::steady_clock::now();
  submit(ctx, c, number);
  ctx.compute.synchronize();
  const std::chrono::duration<float> time = std::chrono::steady_clock::now() - begin;
  const Tensor slowest(ctx.device, {1});
  ctx.math.upload(slowest, std::vector<float>{time.count()}, ctx.compute);
  ctx.world.all_reduce(slowest, ReduceOp::max, ctx.compute);
  return ctx.math.to_host(slowest, ctx.compute)[0];
}

// The quietest of several calls; cases take turns, so that all see the same disturbances.
std::vector<double> quietest(RankContext& ctx, const std::vector<Case>& cases,
                             std::int64_t& calls) {
  std::vector<double> least(cases.size(), INFINITY);
  for (int i = -1; i < kRepetitions; ++i)
    for (std::size_t c = 0; c < cases.size(); ++c) {
      const double time = seconds_of(ctx, cases[c], calls++);
      if (i >= 0) least[c] = std::min(least[c], time);  // i = -1 warms up
    }
  return least;
}

struct Measured {  // the same on every rank
  double all_reduce_s = 0, compute_s = 0, rounds = 0;
  std::vector<double> total_s = {};  // by way
};

Measured measure(const LabOptions& o, Index elements) {
  Measured m;
  run_on(o, [&](RankContext& ctx) {
    const Tensor x(ctx.device, {elements}), none(ctx.device, {0});
    ctx.math.fill(x, 0, ctx.compute);
    std::int64_t calls = 0;
    const auto probe = quietest(ctx, {{.x = x}, {.x = none, .rounds = kProbeRounds}}, calls);
    m.all_reduce_s = probe[0];
    m.rounds = kComputeOverAllReduce * probe[0] / probe[1] * kProbeRounds;
    std::vector<Case> cases = {{.x = none, .rounds = m.rounds}};
    for (const ProgressWay way : progress_ways()) cases.push_back({way, x, m.rounds});
    m.total_s = quietest(ctx, cases, calls);
    m.compute_s = m.total_s[0];
    m.total_s.erase(m.total_s.begin());
  });
  return m;
}

// Rank r brings the numbers "x<r>". Alone, one rank adds up those of all `ranks`.
LabProgram make_program(RankContext& ctx, const LabOptions& o, int ranks, Index elements,
                        double rounds) {
  const bool alone = ctx.world.size() == 1;
  auto brought = [=, &ctx](int r) {
    return make_input(ctx, text("x", r), 1, elements, DType::f32, integer_fill(o.seed));
  };
  std::vector<Tensor> inputs;
  for (int r = alone ? 0 : ctx.rank; r < (alone ? ranks : ctx.rank + 1); ++r)
    inputs.push_back(brought(r));
  const Tensor sum(ctx.device, {1, elements});
  const ProgressWay way = parse_progress_way(o.technique);
  auto step = [=, &ctx, calls = std::int64_t{0}](int) mutable {
    ctx.math.copy(sum, inputs[0], ctx.compute);
    for (std::size_t r = 1; r < inputs.size(); ++r) ctx.math.add(sum, sum, inputs[r], ctx.compute);
    if (!alone) submit(ctx, {way, sum, rounds}, calls++);
  };
  auto numbers = [=, &ctx] { return std::vector{whole_part("sum", sum, ctx)}; };
  return {.step = step, .numbers = numbers};
}

std::string percent(double share) {
  char words[32];
  std::snprintf(words, sizeof words, "%.0f %%", 100 * share);
  return words;
}

// Hidden counts against blocking, the all_reduce after the compute: there it finds other data in
// the caches than where nothing else is done.
LabTable table(const LabOptions& o, const Measured& m, Index elements) {
  LabTable t = {.title = text("all_reduce of ", human_bytes(4.0 * static_cast<double>(elements)),
                              " on ", o.grid.tp, " ranks takes ", human_time(m.all_reduce_s),
                              " alone; beside compute of ", human_time(m.compute_s),
                              " (quietest of ", kRepetitions, ", slowest rank; *: this run)"),
                .columns = {"way", "total", "over compute", "hidden"},
                .is_of_run = true};
  const auto& ways = progress_ways();
  const auto blocking = std::find(ways.begin(), ways.end(), ProgressWay::blocking) - ways.begin();
  const double exposed_s = m.total_s[static_cast<std::size_t>(blocking)] - m.compute_s;
  for (std::size_t i = 0; i < m.total_s.size(); ++i) {
    const std::string name = name_of(ways[i]);
    const double over_s = m.total_s[i] - m.compute_s;
    t.rows.push_back({name + (name == o.technique ? " *" : ""), human_time(m.total_s[i]),
                      human_time(std::max(0.0, over_s)),
                      exposed_s > 0 ? percent(1 - over_s / exposed_s) : "-"});
  }
  return t;
}

LabResult run(const LabOptions& o) {
  const Index elements = elements_of(o);
  if (o.device != "mpi" || o.grid.tp < 2)
    usage_error(
        text("comm-progress shows what MPI does between its calls, with processes as "
             "ranks: mpirun -n 2 --bind-to none ./build/lab run comm-progress --technique ",
             o.technique, " --tp 2"));
  const Measured m = measure(o, elements);
  LabResult result = run_lab(
      "comm-progress", o,
      {.shape = {},
       .dtype = DType::f32,
       .steps = o.steps.value_or(3),
       .make =
           [&](RankContext& ctx) { return make_program(ctx, o, o.grid.tp, elements, m.rounds); },
       .shares_work = false,
       .against = "one rank that adds what all of them bring"});
  result.report.notes.emplace_back(
      "the all_reduce is the call of MPI that ends it: it is busy with what compute did not hide");
  result.tables.push_back(table(o, m, elements));
  return result;
}

std::vector<std::string> techniques() {
  std::vector<std::string> names;
  for (const ProgressWay way : progress_ways()) names.push_back(name_of(way));
  return names;
}

}  // namespace

Lab comm_progress_lab() {
  return {.name = "comm-progress",
          .day = 4,
          .summary = "why MPI_Iallreduce alone overlaps nothing (under mpirun)",
          .toggles = {{"bytes", {}, "16777216", "of the tensor"}},
          .techniques = techniques(),
          .technique = "idle",
          .needs_processes = true,
          .example = "--technique thread (under mpirun -n 2 --bind-to none)",
          .run = run};
}

}  // namespace shardpipe
