// One run: a host thread per rank, GPUs given out to ranks, wires between them.
#pragma once

#include "core/launch/launch.h"

namespace shardpipe::cuda {

// gpus >= 1. Rank r uses GPU r * gpus / ranks (each its own, while there are enough).
RunReport run_ranks(const RunOptions& options, const RankProgram& program, int gpus);

}  // namespace shardpipe::cuda
