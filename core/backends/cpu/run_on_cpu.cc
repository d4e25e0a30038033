// Ranks are threads of this process.
#include <algorithm>
#include <thread>

#include "core/backends/cpu/device.h"
#include "core/backends/cpu/kernels/cpu_kernels.h"
#include "core/backends/cpu/progress.h"
#include "core/backends/cpu/transport.h"
#include "core/base/thread.h"
#include "core/launch/run_rank.h"

namespace shardpipe {
namespace cpu {
namespace {

// What the ranks of one run share. The registry and recorder outlive the threads.
struct Run {
  explicit Run(const RunOptions& o)
      : options(o),
        grid(o.grid, o.order),
        registry(o.grid.ranks()),
        end_ns(static_cast<std::size_t>(o.grid.ranks())),
        reports(static_cast<std::size_t>(o.grid.ranks())),
        board(o.grid.ranks(), o.time_limit_s) {}

  const RunOptions& options;
  ProcessGrid grid;
  RunClock clock;
  GroupRegistry registry;
  Recorder recorder;
  std::mutex mutex;  // guards the window
  std::int64_t begin_ns = 0;
  std::vector<std::int64_t> end_ns;  // by rank
  std::vector<RankReport> reports;
  WaitBoard board;
};

void run_one(Run& run, int rank, Party& party, const RankProgram& program) {
  CpuDevice device(run.clock, run.board, rank, party, run.options,
                   [&](int stream, const std::string& name) -> StreamLog* {
                     if (!run.options.record_trace) return nullptr;
                     return &run.recorder.make_log(rank, stream, name);
                   });
  const auto kernels =
      run.options.make_kernels ? run.options.make_kernels() : std::make_unique<CpuKernels>();
  const auto world = run.registry.world();
  // After the barrier that opens the window: the first rank past it begins the window of all.
  auto mark_begin = [&run] {
    std::lock_guard lock(run.mutex);
    const std::int64_t now_ns = run.clock.now_ns();
    run.begin_ns = run.begin_ns == 0 ? now_ns : std::min(run.begin_ns, now_ns);
  };
  auto mark_end = [&] {
    std::lock_guard lock(run.mutex);
    run.end_ns[static_cast<std::size_t>(rank)] = run.clock.now_ns();
  };
  run.reports[static_cast<std::size_t>(rank)] = run_rank(
      {.device = device,
       .kernels = *kernels,
       .grid = run.grid,
       .world = std::make_unique<Communicator>(
           world->group, rank,
           std::make_unique<CpuTransport>(run.registry, world, rank, run.options.buffered_sends),
           std::make_shared<CommCounters>()),
       .mark_begin = mark_begin,
       .mark_end = mark_end},
      [&](RankContext& ctx) {
        try {
          run_program(program, ctx);
        } catch (...) {  // before the streams go: their workers may wait for other ranks
          run.board.stop_because_of(rank, std::current_exception());
          throw;
        }
      });
  device.check_red_zones();
}

void run_or_stop(Run& run, int rank, Party& party, const RankProgram& program) {
  try {
    run_one(run, rank, party, program);
  } catch (...) {
    run.board.stop_because_of(rank, std::current_exception());
  }
  run.board.leave(party);
}

// One thread a rank. If one is not to be had, the run is stopped, and those that began end.
std::vector<std::thread> start_ranks(Run& run, const std::vector<Party*>& parties,
                                     const RankProgram& program) {
  std::vector<std::thread> threads;
  threads.reserve(parties.size());
  try {
    for (Party* party : parties)
      threads.push_back(start_thread("its program", [&run, &program, party, rank = threads.size()] {
        run_or_stop(run, static_cast<int>(rank), *party, program);
      }));
  } catch (...) {
    run.board.stop_because_of(static_cast<int>(threads.size()), std::current_exception());
    for (std::size_t rank = threads.size(); rank < parties.size(); ++rank)
      run.board.leave(*parties[rank]);
  }
  return threads;
}

// What was recorded so far; nothing before the window.
Trace recorded_so_far(Run& run) {
  std::int64_t begin_ns = 0;
  {
    std::lock_guard lock(run.mutex);
    begin_ns = run.begin_ns;
  }
  if (begin_ns == 0) return {};
  Trace trace = run.recorder.finish(begin_ns, run.clock.now_ns());
  for (const Span& span : trace.spans) trace.wall_ns = std::max(trace.wall_ns, span.end_ns);
  trace.clock = "measured";
  return trace;
}

}  // namespace
}  // namespace cpu

RunReport run_on_cpu(const RunOptions& options, const RankProgram& program) {
  cpu::Run run(options);
  std::vector<cpu::Party*> parties;
  for (int rank = 0; rank < options.grid.ranks(); ++rank)
    parties.push_back(&run.board.add_party(rank, "program"));
  cpu::Progress progress(options.on_progress, options.progress_every_s,
                         [&run] { return cpu::recorded_so_far(run); });
  for (std::thread& thread : cpu::start_ranks(run, parties, program)) thread.join();
  const std::exception_ptr not_told = progress.end();
  if (run.board.error() != nullptr) {
    if (options.on_failure && options.record_trace)
      options.on_failure(run.recorder.finish(run.begin_ns, run.clock.now_ns()));
    std::rethrow_exception(run.board.error());
  }
  if (not_told != nullptr) std::rethrow_exception(not_told);
  RunReport report{
      .trace = run.recorder.finish(
          run.begin_ns, *std::max_element(run.end_ns.begin(), run.end_ns.end()), run.end_ns),
      .ranks = std::move(run.reports)};
  report.trace.clock = "measured";
  return report;
}

}  // namespace shardpipe
