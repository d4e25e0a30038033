// Who makes MPI move the data of an all-reduce while a rank computes. For the lab comm-progress,
// which shows why MPI_Iallreduce alone overlaps nothing (docs/mpi.md, "Progress").
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace shardpipe {

enum class ProgressWay : std::uint8_t {
  blocking,  // MPI_Allreduce, then compute
  idle,      // MPI_Iallreduce, compute, MPI_Wait
  tests,     // the same with 50 calls of MPI_Test in the compute
  thread,    // the same, and a second thread calls MPI_Test until it is done
};

const char* name_of(ProgressWay way);
const std::vector<ProgressWay>& progress_ways();
ProgressWay parse_progress_way(const std::string& name);  // usage error: lists the names

// One all-reduce and the compute of its rank, by raw calls. One stream of each rank makes them, in
// bodies of a run on mpi: begin, compute, finish, in the same order on all ranks.
class RawAllReduce {
 public:
  virtual ~RawAllReduce() = default;
  // data[i] becomes its sum over all processes: here if the way is blocking, by the end of finish
  // otherwise.
  virtual void begin(float* data, std::int64_t count) = 0;
  virtual void compute(double rounds) = 0;  // dependent multiply-adds; may be called alone
  virtual void finish() = 0;
};

// Error(absent) without the plugin.
std::unique_ptr<RawAllReduce> raw_all_reduce(ProgressWay way);

}  // namespace shardpipe
