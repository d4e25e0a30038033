// Toolkits before 12.5 have no typedefs for green streams.
#include "core/backends/cuda/virtual_gpu.h"

namespace shardpipe::cuda {

GpuShares split_multiprocessors(int, int) {
  return {.note = "built with a CUDA toolkit older than 12.5, without green contexts"};
}

}  // namespace shardpipe::cuda
