// One run: this process is one rank of it.
#pragma once

#include "core/backends/mpi/library.h"
#include "core/launch/launch.h"

namespace shardpipe::mpi {

// As run_on_mpi. agree: false leaves out what finds different collectives (to measure its cost).
RunReport run_rank_of_all(Library& library, const RunOptions& options, const RankProgram& program,
                          bool agree = true);

}  // namespace shardpipe::mpi
