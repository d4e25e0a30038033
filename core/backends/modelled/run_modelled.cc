// run_modelled: each rank's program runs to its end, alone, and only logs what it submits; the logs
// are then timed and checked together (simulation.h).
#include <memory>
#include <utility>
#include <vector>

#include "core/backends/modelled/device.h"
#include "core/backends/modelled/groups.h"
#include "core/backends/modelled/program_watch.h"
#include "core/backends/modelled/simulation.h"
#include "core/launch/run_rank.h"

namespace shardpipe {
namespace {

using namespace modelled;

RankReport log_rank(int rank, const ProcessGrid& grid, GroupRegistry& groups, RankLog& log,
                    ProgramWatch& watch, const RankProgram& program) {
  ModelledDevice device(log);
  Kernels kernels("modelled");
  const auto counters = std::make_shared<CommCounters>();
  auto world = std::make_unique<Communicator>(
      groups.world(), rank, make_transport(groups, groups.world(), log), counters);
  const auto mark = [&log](LogEntry::What what) {
    return [&log, what] { log.entries.push_back({.what = what}); };
  };
  const auto watched = [&](RankContext& ctx) {
    const ProgramWatch::Turn turn(watch, rank, device.steps(), counters->last_call());
    run_program(program, ctx);
    watch.throw_if_late();
  };
  try {
    return run_rank({.device = device,
                     .kernels = kernels,
                     .grid = grid,
                     .world = std::move(world),
                     .mark_begin = mark(LogEntry::begin_window),
                     .mark_end = mark(LogEntry::end_window)},
                    watched);
  } catch (const std::exception& e) {
    const Error error = error_of(e);
    if (is_about_input(error.code()) || error.code() == ExitCode::deadlock) throw;
    throw error.with(text("rank ", rank, ": ", error.what()));
  }
}

}  // namespace

RunReport run_modelled(const RunOptions& options, const CostModel& costs,
                       const RankProgram& program) {
  const ProcessGrid grid(options.grid, options.order);
  const int ranks = options.grid.ranks();
  GroupRegistry groups(ranks);
  std::vector<RankLog> logs(static_cast<std::size_t>(ranks));
  RunReport report;
  ProgramWatch watch(options.time_limit_s);
  for (int rank = 0; rank < ranks; ++rank)
    report.ranks.push_back(
        log_rank(rank, grid, groups, logs[static_cast<std::size_t>(rank)], watch, program));
  if (options.on_operations)
    for (int rank = 0; rank < ranks; ++rank)
      options.on_operations(rank, logs[static_cast<std::size_t>(rank)].ops);

  Recorder recorder;
  Simulation simulation(logs, groups.size(), options.buffered_sends, costs,
                        options.record_trace ? &recorder : nullptr);
  try {
    simulation.run();
  } catch (const Error&) {
    if (options.on_failure && options.record_trace) {
      const Window until = simulation.give_up();
      Trace trace = recorder.finish(until.begin_ns, until.end_ns);
      trace.clock = "modelled";
      options.on_failure(trace);
    }
    throw;
  }
  const Window window = simulation.window();
  if (options.record_trace) report.trace = recorder.finish(window.begin_ns, window.end_ns);
  report.trace.clock = "modelled";
  report.trace.wall_ns = window.end_ns - window.begin_ns;
  return report;
}

}  // namespace shardpipe
