// Collective matmul: same result as SequenceColumnLinear and SequenceRowLinear. A gather is a ring
// of t - 1 messages of T/t tokens; each part is multiplied as soon as it is here, while the next
// one travels. A reduce-scatter is the same ring in the other order: each partial sum is passed on
// while the next part is multiplied. No collective is called, and of t messages' time only what is
// longer than a part's product is left. Sources: Wang et al., "Overlap Communication with Dependent
// Computation via Decomposition in Large Deep Learning Models", ASPLOS 2023; Transformer Engine's
// userbuffers ("ring exchange"). t ranks, T tokens (a multiple of t). Bytes a rank sends: as the
// collective, (t-1)/t of the tensor.
//
//   rank 1 of 4, gather:          multiplies part  1   0   3   2      the part it received last
//                                 receives part    0   3   2   -      from rank 0
//   rank 1 of 4, reduce-scatter:  multiplies for   0   3   2   1      its own part last
//                                 adds, passes on  0   3   2   -      to rank 2
#pragma once

#include <functional>

#include "core/tensor_parallel/sequence_linear.h"

namespace shardpipe {

// Called once for each part of T/t rows, part by part as it is complete; reads rows
// [part T/t, (part + 1) T/t) of what is gathered.
using UsePart = std::function<void(int part, Tensor rows)>;

// Gathers x [T/t,D] of every rank while `use` works on the parts that are here. Returns [T,D].
Tensor ring_all_gather(Tensor x, RankContext& ctx, const UsePart& use);

// make(part) computes this rank's partial sum [T/t,F] of a part. Returns the sum over ranks of part
// `rank`. Sums run around the ring, so their order differs from part to part, and not from rank to
// rank or run to run.
Tensor ring_reduce_scatter(RankContext& ctx, const std::function<Tensor(int part)>& make);

class RingColumnLinear : public SequenceColumnLinear {
 public:
  using SequenceColumnLinear::SequenceColumnLinear;
  Tensor forward(Tensor x, int microbatch, RankContext& ctx) override;
  Tensor backward_input(Tensor dy, int microbatch, RankContext& ctx) override;
  void backward_weight(int microbatch, RankContext& ctx) override;
};

class RingRowLinear : public SequenceRowLinear {
 public:
  using SequenceRowLinear::SequenceRowLinear;
  Tensor forward(Tensor x, int microbatch, RankContext& ctx) override;
  Tensor backward_input(Tensor dy, int microbatch, RankContext& ctx) override;
};

}  // namespace shardpipe
