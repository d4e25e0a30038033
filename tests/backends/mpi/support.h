// Every process runs all test cases, in the same order; a case is one or more runs. So no assertion
// may end a case on one process only: CHECK, not REQUIRE, around runs.
#pragma once

#include "core/launch/launch.h"
#include "core/launch/processes.h"
#include "tests/support/catch.h"

namespace shardpipe {

inline int ranks() { return started_processes().size; }
inline int own_rank() { return started_processes().rank; }

// run_whole.cc: run_on_mpi. run_in_pieces.cc: the same where MPI counts up to 4001 only.
RunReport run_here(const RankProgram& program, GridShape grid = {.tp = ranks()},
                   bool buffered = false);

}  // namespace shardpipe
