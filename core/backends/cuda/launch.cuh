// Runs a functor of elementwise.cuh or rowwise.cuh over all elements or rows.
#pragma once

#include <algorithm>

#include "core/backends/cuda/rowwise.cuh"
#include "core/backends/cuda/stream.h"

namespace shardpipe::cuda {

struct Warp {
  static constexpr int lanes = 32;
  int lane;
  __device__ float sum(float value) const {
    for (int step = lanes / 2; step > 0; step /= 2)
      value += __shfl_xor_sync(0xffffffffu, value, step);
    return value;  // the same bits in every lane: each adds the same pairs
  }
  __device__ float max(float value) const {
    for (int step = lanes / 2; step > 0; step /= 2)
      value = fmaxf(value, __shfl_xor_sync(0xffffffffu, value, step));
    return value;
  }
};

inline constexpr int kThreads = 256;

// Enough blocks for any GPU; each thread then takes more than one element.
inline unsigned blocks_for(Index threads) {
  constexpr Index kMaxBlocks = 16384;
  return static_cast<unsigned>(std::min((threads + kThreads - 1) / kThreads, kMaxBlocks));
}

template <class Functor>
__global__ void each_kernel(Index n, Functor functor) {
  const Index step = Index{gridDim.x} * blockDim.x;
  for (Index i = Index{blockIdx.x} * blockDim.x + threadIdx.x; i < n; i += step) functor(i);
}

template <class Functor>
__global__ void rows_kernel(Index rows, Functor functor) {
  const Index thread = Index{blockIdx.x} * blockDim.x + threadIdx.x;
  const Index step = Index{gridDim.x} * blockDim.x / Warp::lanes;
  const Warp warp{static_cast<int>(threadIdx.x % Warp::lanes)};
  for (Index row = thread / Warp::lanes; row < rows; row += step) functor(row, warp);
}

template <class Functor>
void for_each(Index n, const Functor& functor, Stream& stream) {
  if (n == 0) return;
  each_kernel<<<blocks_for(n), kThreads, 0, native(stream).handle()>>>(n, functor);
  check(cudaGetLastError());
}

template <class Functor>
void for_rows(Index rows, const Functor& functor, Stream& stream) {
  if (rows == 0) return;
  rows_kernel<<<blocks_for(rows * Warp::lanes), kThreads, 0, native(stream).handle()>>>(rows,
                                                                                        functor);
  check(cudaGetLastError());
}

}  // namespace shardpipe::cuda
