// CUDA 12.5 to 12.9: the guideline of cuda.h, section "Green Contexts", by compute capability.
#include "core/backends/cuda/handles.h"
#include "core/backends/cuda/sm_slices.h"

namespace shardpipe::cuda {

SmSlices sm_slices(int gpu, const CUdevResource&) {
  int capability = 0;  // 9 of 9.0
  check(cudaDeviceGetAttribute(&capability, cudaDevAttrComputeCapabilityMajor, gpu));
  if (capability >= 9) return {.least = 8, .multiple = 8};
  if (capability == 8) return {.least = 4, .multiple = 2};
  return {.least = 2, .multiple = 2};
}

}  // namespace shardpipe::cuda
