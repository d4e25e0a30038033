// One run: this process is one rank of it.
#pragma once

#include "core/backends/mpi/transport.h"
#include "core/launch/launch.h"

namespace shardpipe::mpi {

// Usage error unless MPI counts as many processes.
void check_ranks(const Library& library, int ranks);

// As run_on_mpi.
RunReport run_rank_of_all(Library& library, const RunOptions& options, const RankProgram& program,
                          const Limits& limits = {});

}  // namespace shardpipe::mpi
