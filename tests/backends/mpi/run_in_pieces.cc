#include "core/backends/mpi/run.h"
#include "tests/backends/mpi/support.h"

namespace shardpipe {

RunReport run_here(const RankProgram& program, GridShape grid, bool buffered) {
  return mpi::run_rank_of_all(mpi::Library::open(),
                              {.grid = grid, .time_limit_s = 60, .buffered_sends = buffered},
                              program, {.most_count = 4001});
}

}  // namespace shardpipe
