// MPI in this process: started by the first run, ended when the program ends. MPI allows each once
// in the life of a process, so this is the one thing of the backend that outlives a run. With it
// lives the watch over all processes: a wait that does not end is noticed from the first call of
// MPI to the last, whatever a process does between two runs.
#pragma once

#include <mpi.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/backends/cpu/wait_board.h"
#include "core/backends/mpi/watch.h"
#include "core/base/error.h"
#include "core/comm/transport.h"

namespace shardpipe::mpi {

// Error(crash) in MPI's words if a call did not succeed.
void check(int code, Where where = Where::here());

class Library {
 public:
  // Starts MPI with MPI_THREAD_MULTIPLE: streams are threads, and each makes its own calls.
  // Error(absent) if this MPI cannot. The limit holds until a run brings another one.
  static Library& open(double time_limit_s = 10);
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;

  int rank() const { return rank_; }
  int size() const { return size_; }
  int ranks_here() const { return ranks_here_; }      // processes that share this one's memory
  MPI_Comm between_runs() const { return between_; }  // all processes; used by one thread at a time
  cpu::WaitBoard& board() { return board_; }
  cpu::Party& program() { return *program_; }  // the thread that started MPI
  Watch& watch() { return watch_; }

  // By that thread, for a call of MPI that blocks until other processes have come: a wait that they
  // can be told of. Its result.
  template <class Call>
  auto block(const std::string& what, Call&& call) {
    return board_.block(*program_, call, [&] { return what; });
  }
  void finish(MPI_Request request, const std::string& what);  // likewise

  // Ends all processes; this one has said why. abort_if_open: if MPI was started.
  [[noreturn]] void abort(ExitCode code);
  static void abort_if_open(ExitCode code);
  MPI_Op op(DType dtype, ReduceOp reduce) const;

  // Buffered sends that MPI may still read when their rank has ended: they stay until MPI has
  // ended.
  void keep(std::vector<std::shared_ptr<void>> unread) const;

  // A program that ends its process inside a run says so and takes the others with it.
  void run_begins(double time_limit_s);
  void run_ends();
  int runs() const { return runs_; }

 private:
  explicit Library(double time_limit_s);
  ~Library();
  void start();
  void learn_places();

  const Processes started_;
  bool is_ours_ = false;  // MPI was not running before
  int rank_ = 0, size_ = 1, ranks_here_ = 1, runs_ = 0;
  std::atomic<bool> in_run_{false};
  MPI_Comm between_ = MPI_COMM_NULL, letters_ = MPI_COMM_NULL;
  MPI_Op bf16_sum_ = MPI_OP_NULL, bf16_max_ = MPI_OP_NULL;
  mutable std::mutex mutex_;  // guards kept_
  mutable std::vector<std::shared_ptr<void>> kept_;
  Watch watch_;
  cpu::WaitBoard board_;
  cpu::Party* program_;
};

MPI_Datatype type_of(DType dtype);

// "Open MPI v4.1.4". May be called before MPI is started.
std::string version();

}  // namespace shardpipe::mpi
