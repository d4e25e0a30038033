// MpiTransport: ranks are processes. Operations are MPI's non-blocking ones, which the stream's
// worker polls: MPI moves data only inside its calls, so the worker is also what makes progress
// while the compute stream works (docs/mpi.md).
//
// Before each collective the ranks agree that it is the same one: an all-reduce of 16 bytes over a
// signature of kind, sizes, root and position. MPI itself would hang, crash or mix up data. It
// costs one small all-reduce: 1 KB between two ranks takes 7.7 us with it and 4.2 us without
// (mpirun -n 2 ./build/bench_mpi; docs/mpi.md).
#pragma once

#include <algorithm>
#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "core/backends/cpu/stream.h"
#include "core/backends/mpi/groups.h"
#include "core/backends/mpi/pieces.h"
#include "core/comm/transport.h"

namespace shardpipe::mpi {

// For measurements and tests.
struct Limits {
  bool agree = true;              // false leaves the agreement out
  Index most_count = kMostCount;  // elements of one call of MPI
  bool one_kernel = true;         // false takes the measured clocks also where there is one
};

class MpiTransport : public Transport {
 public:
  MpiTransport(const Library& library, Groups& groups, const Wires& wires, bool buffered,
               const Limits& limits = {});

  ~MpiTransport() override { library_.keep(std::move(unread_)); }

  void run(const CommCall& call, Stream& stream) override;
  Part subgroup(const std::vector<int>& ranks, const std::string& axis, Where where) override;

 private:
  void collective(const CommCall& call, cpu::CpuStream& stream);
  void agree(const CommCall& call, cpu::CpuStream& stream);
  [[noreturn]] void name_all_calls(const CommCall& call, cpu::CpuStream& stream);
  std::vector<MPI_Request> start(const CommCall& call);
  std::vector<MPI_Request> start_all_gather(const CommCall& call);
  std::vector<MPI_Request> start_reduce_scatter(const CommCall& call);
  void finish(std::vector<MPI_Request> requests, const CommCall& call, cpu::CpuStream& stream);
  Index most_of_part() const { return std::max<Index>(1, limits_.most_count / size()); }
  int size() const { return wires_.group.size(); }

  const Library& library_;
  Groups& groups_;
  const Wires& wires_;
  const bool buffered_;
  const Limits limits_;
  int subgroups_ = 0;  // made so far
  std::atomic<std::int64_t> next_turn_{0};
  cpu::Signal turn_changed_;
  // By peer. Touched by the operation whose turn it is.
  std::vector<int> sent_, received_;
  std::vector<std::shared_ptr<void>> unread_;  // buffered sends that MPI still holds
};

}  // namespace shardpipe::mpi
