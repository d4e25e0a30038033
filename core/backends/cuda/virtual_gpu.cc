#include "core/backends/cuda/virtual_gpu.h"

namespace shardpipe::cuda {

GpuShares share_gpu(int gpu, int ranks) {
  GpuShares result;
  if (ranks > 1) result = split_multiprocessors(gpu, ranks);
  if (!result.shares.empty()) return result;
  if (ranks > 1)
    result.note = text(ranks, " ranks share GPU ", gpu, " on plain streams: ", result.note,
                       ", so their kernels compete for all of it");
  for (int r = 0; r < ranks; ++r) result.shares.push_back(std::make_unique<GpuShare>());
  return result;
}

}  // namespace shardpipe::cuda
