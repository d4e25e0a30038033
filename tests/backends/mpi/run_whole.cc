#include "tests/backends/mpi/support.h"

namespace shardpipe {

RunReport run_here(const RankProgram& program, GridShape grid, bool buffered) {
  return run_on_mpi({.grid = grid, .time_limit_s = 60, .buffered_sends = buffered}, program);
}

}  // namespace shardpipe
