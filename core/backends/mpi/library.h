// MPI in this process: started by the first run, ended when the program ends. MPI allows each once
// in the life of a process, so this is the one thing of the backend that outlives a run.
#pragma once

#include <mpi.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/comm/transport.h"

namespace shardpipe::mpi {

// Error(crash) in MPI's words if a call did not succeed.
void check(int code, Where where = Where::here());

class Library {
 public:
  // Starts MPI with MPI_THREAD_MULTIPLE: streams are threads, and each makes its own calls.
  // Error(absent) if this MPI cannot.
  static Library& open();
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;

  int rank() const { return rank_; }
  int size() const { return size_; }
  int ranks_here() const { return ranks_here_; }      // processes that share this one's memory
  MPI_Comm between_runs() const { return between_; }  // all processes; used by one thread at a time
  MPI_Comm watch() const { return watch_; }           // all processes; for the monitors only
  MPI_Op op(DType dtype, ReduceOp reduce) const;

  // Buffered sends that MPI may still read when their rank has ended: they stay until MPI has
  // ended.
  void keep(std::vector<std::shared_ptr<void>> unread) const;

  // A program that ends its process inside a run says so and takes the others with it.
  void run_begins() { ++runs_, in_run_.store(true); }
  void run_ends() { in_run_.store(false); }
  int runs() const { return runs_; }

 private:
  Library();
  ~Library();

  bool is_ours_ = false;  // MPI was not running before
  int rank_ = 0, size_ = 1, ranks_here_ = 1, runs_ = 0;
  std::atomic<bool> in_run_{false};
  MPI_Comm between_ = MPI_COMM_NULL, watch_ = MPI_COMM_NULL;
  MPI_Op bf16_sum_ = MPI_OP_NULL, bf16_max_ = MPI_OP_NULL;
  mutable std::mutex mutex_;  // guards kept_
  mutable std::vector<std::shared_ptr<void>> kept_;
};

MPI_Datatype type_of(DType dtype);

// "Open MPI v4.1.4". May be called before MPI is started.
std::string version();

}  // namespace shardpipe::mpi
