// Who makes MPI move the data of an all-reduce while a rank computes. For the lab comm-progress,
// which shows why MPI_Iallreduce alone overlaps nothing (docs/mpi.md, "Progress").
#pragma once

#include <cstdint>
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

// data[i] = its sum over all processes, beside `rounds` dependent multiply-adds. count = 0: compute
// only. Called inside a body of a run on mpi, by one stream of each rank, in the same order on all.
// Error(absent) without the plugin.
void all_reduce_beside_compute(ProgressWay way, float* data, std::int64_t count, double rounds);

}  // namespace shardpipe
