// Runs one program on every rank of a backend. The program is written once; nothing in it names a
// backend.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/context/rank_context.h"
#include "core/cost/cost_model.h"
#include "core/trace/trace.h"

namespace shardpipe {

using RankProgram = std::function<void(RankContext&)>;

struct RunOptions {
  GridShape grid = {};
  GridOrder order = kDefaultOrder;
  double time_limit_s = 10;  // of no progress anywhere, then the run ends with a sentence
  bool buffered_sends =
      false;  // cpu, mpi: a send does not wait for its recv (why code "works by luck")
  bool record_trace = true;
  // cpu, mpi, modelled: called with what was recorded until a run failed, before the error is
  // thrown; on mpi on one process, after the sentence was printed. Operations inside of which it
  // failed say so (kNeverEnded). Not called where nothing was recorded: modelled records once all
  // programs have returned.
  std::function<void(const Trace&)> on_failure = {};
  // cpu: called every progress_every_s or so, by a thread of its own, with what was recorded of the
  // window so far. It takes time from the ranks. If it throws, it is not called again and the run
  // throws that in the end.
  std::function<void(const Trace&)> on_progress = {};
  double progress_every_s = 1;
  // cpu, mpi: an operation between ranks ends no earlier than this model says, counted from its
  // last participant; the wait uses no core. So a slow network can be tried on one machine.
  // nullptr: as fast as the machine goes. Lives as long as the run.
  const CostModel* links = nullptr;
  // modelled: called with what each rank submitted, in its order, once its program has returned;
  // before that is checked and timed.
  std::function<void(int rank, const std::vector<OpInfo>& operations)> on_operations = {};
  // cpu: memory around every tensor is watched, and all of it holds NaN until something is written.
  // A rank that has written past a tensor ends the run with a sentence. Slow: nothing is reused.
  bool red_zones = false;
  // cpu, mpi: other kernels (tests). Called once a rank. Default: the backend's own.
  std::function<std::unique_ptr<Kernels>()> make_kernels = {};
};

struct RankReport {
  std::int64_t peak_bytes = 0;  // highest live bytes inside the window
  std::int64_t live_bytes = 0;  // at the end
  std::int64_t physical_bytes = 0;
  std::vector<CommCount> communication = {};  // inside the window
};

struct RunReport {
  Trace trace = {};  // the window; wall_ns is its length
  std::vector<RankReport> ranks = {};
  std::vector<std::string> notes = {};  // what a reader of the figures should know, one line each
};

// One thread per rank, real numbers, measured time. Throws what the first failing rank threw; a
// deadlock or a wait beyond the limit is Error(deadlock) that names each rank's wait.
RunReport run_on_cpu(const RunOptions& options, const RankProgram& program);

// No numbers, no threads: ranks run one after another and only log what they submit; the log is
// then checked for races and deadlocks and timed with `costs`. Deterministic.
RunReport run_modelled(const RunOptions& options, const CostModel& costs,
                       const RankProgram& program);

// One GPU each, by the plugin libshardpipe_cuda.so. Error(absent) if it or a GPU is missing.
RunReport run_on_cuda(const RunOptions& options, const RankProgram& program);

// One process per rank, real numbers, measured time: every process that mpirun started calls this
// with the same options and gets the same, complete report; times are those of process 0's clock.
// Uses the plugin libshardpipe_mpi.so; Error(absent) if it is missing. Usage error if the processes
// are not as many as the grid's ranks.
//
// An error on any rank ends all processes, with one sentence on stderr and its exit code: what MPI
// has begun cannot be called back, so there is nothing to return to. So does a time without any
// progress anywhere that is longer than the limit; deadlocks are found by it alone.
RunReport run_on_mpi(const RunOptions& options, const RankProgram& program);

// Starts MPI before the first run on it, for work that comes before, say the one-rank run to
// compare with. From here on processes watch each other: whoever waits for one that is stopped, or
// that goes round in circles, ends all of them after the limit, also between runs and behind the
// last one. Errors as of run_on_mpi.
void start_mpi(int ranks, double time_limit_s);

// Ends all processes with this code, if MPI has been started; else does nothing.
void end_mpi(ExitCode code);

}  // namespace shardpipe
