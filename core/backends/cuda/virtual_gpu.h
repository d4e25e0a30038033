// A GPU shared by several ranks: each gets a share, a fixed part of its multiprocessors (a "green
// context"), so that one rank's kernels cannot take another's. Memory, L2 and bandwidth stay
// shared. Source: CUDA driver API, green contexts (12.4 and newer).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/backends/cuda/handles.h"

namespace shardpipe::cuda {

class GpuShare {
 public:
  virtual ~GpuShare() = default;
  virtual OwnedStream make_stream() { return make_stream_handle(); }
  virtual int sms() const { return 0; }  // 0: all of the GPU
};

struct GpuShares {
  std::vector<std::unique_ptr<GpuShare>> shares = {};
  std::string note = {};  // "" if a rank has the GPU for itself
};

// `gpu` is the current device. Without green contexts all shares are the whole GPU, and say so.
GpuShares share_gpu(int gpu, int ranks);

// The part that needs the driver's green contexts: shares is left empty if there are none.
GpuShares split_multiprocessors(int gpu, int ranks);

}  // namespace shardpipe::cuda
