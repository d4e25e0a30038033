#include "core/backends/cuda/reduce.h"

#include "core/backends/cuda/launch.cuh"

namespace shardpipe::cuda {
namespace {

struct ReduceFloats {
  PeerPointers out, in;
  Index out_first, in_first;
  bool is_bf16, is_max;
  __host__ __device__ void operator()(Index i) const {
    float total = Array{in.at[0], is_bf16}.load(in_first + i);
    for (int r = 1; r < in.count; ++r) {
      const float value = Array{in.at[r], is_bf16}.load(in_first + i);
      total = is_max ? fmaxf(total, value) : total + value;
    }
    for (int r = 0; r < out.count; ++r) Array{out.at[r], is_bf16}.store(out_first + i, total);
  }
};

struct ReduceIntegers {
  PeerPointers out, in;
  Index out_first, in_first;
  bool is_max;
  __host__ __device__ static std::int32_t* integers(std::byte* at) {
    return reinterpret_cast<std::int32_t*>(at);
  }
  __host__ __device__ void operator()(Index i) const {
    std::int32_t total = integers(in.at[0])[in_first + i];
    for (int r = 1; r < in.count; ++r) {
      const std::int32_t value = integers(in.at[r])[in_first + i];
      total = is_max ? (value > total ? value : total) : total + value;
    }
    for (int r = 0; r < out.count; ++r) integers(out.at[r])[out_first + i] = total;
  }
};

}  // namespace

void reduce(const PeerPointers& out, Index out_first, const PeerPointers& in, Index in_first,
            Index count, DType dtype, ReduceOp op, CudaStream& stream) {
  const bool is_max = op == ReduceOp::max;
  if (dtype == DType::i32)
    for_each(count, ReduceIntegers{out, in, out_first, in_first, is_max}, stream);
  else
    for_each(count, ReduceFloats{out, in, out_first, in_first, dtype == DType::bf16, is_max},
             stream);
}

}  // namespace shardpipe::cuda
