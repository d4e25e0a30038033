#include "core/backends/cuda/run.h"
#include "tests/backends/cuda/here.h"

namespace shardpipe {

RunReport run_here(const RunOptions& options, const RankProgram& program) {
  return cuda::run_ranks(options, program, /*gpus=*/1);
}

}  // namespace shardpipe
