// How a GPU's multiprocessors may be sliced for green contexts. The headers of CUDA 13 have fields
// for it (sm_slices_told.cc); those of 12.5 to 12.9 have a guideline in words (sm_slices_table.cc).
#pragma once

#include <cuda.h>

namespace shardpipe::cuda {

struct SmSlices {
  unsigned least = 1;     // multiprocessors in a slice
  unsigned multiple = 1;  // and of what a slice's size is a multiple
};

// `all`: the multiprocessors of `gpu`.
SmSlices sm_slices(int gpu, const CUdevResource& all);

}  // namespace shardpipe::cuda
