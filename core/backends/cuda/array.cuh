// Array: a View as kernels see it. Arithmetic is in f32; bf16 is only how elements are stored. One
// kernel serves both: the branch is the same for all threads, and memory is the limit anyway.
#pragma once

#include <cuda_runtime.h>

#include "core/tensor/tensor.h"

namespace shardpipe::cuda {

// bf16 is the upper half of an f32. Rounds to nearest, ties to even; NaN stays NaN.
__host__ __device__ inline std::uint16_t bf16_bits(float value) {
  const std::uint32_t bits = __builtin_bit_cast(std::uint32_t, value);
  if ((bits & 0x7fffffffu) > 0x7f800000u) return static_cast<std::uint16_t>(bits >> 16 | 0x40u);
  return static_cast<std::uint16_t>((bits + 0x7fffu + (bits >> 16 & 1u)) >> 16);
}

__host__ __device__ inline float bf16_value(std::uint16_t bits) {
  return __builtin_bit_cast(float, static_cast<std::uint32_t>(bits) << 16);
}

struct Array {
  void* data = nullptr;
  bool is_bf16 = false;

  __host__ __device__ float load(Index i) const {
    return is_bf16 ? bf16_value(static_cast<const std::uint16_t*>(data)[i])
                   : static_cast<const float*>(data)[i];
  }
  __host__ __device__ void store(Index i, float value) const {
    if (is_bf16)
      static_cast<std::uint16_t*>(data)[i] = bf16_bits(value);
    else
      static_cast<float*>(data)[i] = value;
  }
  __host__ __device__ void accumulate(Index i, float value) const { store(i, load(i) + value); }
};

inline Array array(const View& view) {
  if (view.dtype == DType::i32) fail("a kernel for f32 and bf16 was given i32");
  return {view.data, view.dtype == DType::bf16};
}

}  // namespace shardpipe::cuda
