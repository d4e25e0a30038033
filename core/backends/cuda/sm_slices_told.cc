// CUDA 13 and newer: the driver tells.
#include <algorithm>

#include "core/backends/cuda/sm_slices.h"

namespace shardpipe::cuda {

SmSlices sm_slices(int, const CUdevResource& all) {
  return {.least = std::max(1u, all.sm.minSmPartitionSize),
          .multiple = std::max(1u, all.sm.smCoscheduledAlignment)};
}

}  // namespace shardpipe::cuda
