// The one kernel of PeerTransport.
#pragma once

#include "core/backends/cuda/stream.h"
#include "core/comm/transport.h"

namespace shardpipe::cuda {

inline constexpr int kMaxPeers = 64;  // their addresses travel as kernel arguments

struct PeerPointers {
  std::byte* at[kMaxPeers] = {};  // plain: std::array has no device functions
  int count = 0;
};

// out[k][out_first + i] = op over ranks of in[rank][in_first + i], for all k and i < count, summed
// in order of rank. In place allowed if the two firsts are equal. f32, bf16 (summed in f32), i32.
void reduce(const PeerPointers& out, Index out_first, const PeerPointers& in, Index in_first,
            Index count, DType dtype, ReduceOp op, CudaStream& stream);

}  // namespace shardpipe::cuda
