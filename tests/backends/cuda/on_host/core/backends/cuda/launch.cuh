// Takes the place of core/backends/cuda/launch.cuh where the backend is built for host_gpu.h: a
// kernel is a task that runs its functor over all elements or rows, one after another.
#pragma once

#include "core/backends/cuda/rowwise.cuh"
#include "core/backends/cuda/stream.h"
#include "tests/backends/cuda/host_gpu.h"

namespace shardpipe::cuda {

template <class Functor>
void for_each(Index n, const Functor& functor, Stream& stream) {
  host_gpu::enqueue(native(stream).handle(), [n, functor] {
    for (Index i = n - 1; i >= 0; --i) functor(i);  // backwards: no order is promised
  });
}

template <class Functor>
void for_rows(Index rows, const Functor& functor, Stream& stream) {
  host_gpu::enqueue(native(stream).handle(), [rows, functor] {
    for (Index row = rows - 1; row >= 0; --row) functor(row, Solo{});
  });
}

}  // namespace shardpipe::cuda
