// A GPU made of host memory: the few calls of the CUDA runtime and of cuBLAS that the cuda backend
// makes, so that its host code and its functors run on a machine without a GPU.
//
// Work runs as late and in as odd an order as CUDA allows: a stream is a queue of tasks, and
// whenever somebody asks for progress a random stream among those that may go on runs one task.
// Only streams and events order anything: a missing wait between streams, or a buffer that is
// reused too early, gives wrong numbers here. It shows nothing about launches, warps, memory order,
// several GPUs or speed.
#pragma once

#include <functional>

#include "core/backends/cuda/handles.h"

namespace shardpipe::host_gpu {

// What a cublasHandle_t points to.
struct Blas {
  cudaStream_t stream = {};
  cublasMath_t mode = CUBLAS_DEFAULT_MATH;
};

void enqueue(cudaStream_t stream, std::function<void()> task);

}  // namespace shardpipe::host_gpu
