// Same result as ColumnParallelLinear and RowParallelLinear. Their all-reduces pass under products
// that do not need them: nothing is sent less, the compute stream waits less.
// t ranks, T tokens, D input features, F output features.
//
//   row, forward        y in pieces of T/n rows: while a piece is summed, the next one is
//   multiplied.
//                       Hides all but the last piece where a product takes longer than a sum.
//                       n all-reduces of [T/n,F]: each pays its start, so there is a best n.
//   column, backward    dx [T,D] is summed while dW is multiplied. dW needs dy and x alone.
//                       (Megatron-LM: LinearWithGradAccumulationAndAsyncCommunication.)
//   sequence column,    x [T,D] for dW is gathered ahead, while dx is multiplied; then dx is
//   backward            reduce-scattered while dW is. Hides both.
//
// Two streams: products on ctx.compute, sums on ctx.comm. Every wait names the datum it is for.
#pragma once

#include "core/tensor_parallel/sequence_linear.h"

namespace shardpipe {

class OverlappedColumnLinear : public ColumnParallelLinear {
 public:
  using ColumnParallelLinear::ColumnParallelLinear;
  // In halves (zero-bubble schedules) there is no dW to hide under, and backward_input is the plain
  // one.
  Tensor backward(Tensor dy, int microbatch, RankContext& ctx) override;
};

// Backward in halves is again the plain one.
class OverlappedSequenceColumnLinear : public SequenceColumnLinear {
 public:
  using SequenceColumnLinear::SequenceColumnLinear;
  Tensor backward(Tensor dy, int microbatch, RankContext& ctx) override;
};

class OverlappedRowLinear : public RowParallelLinear {
 public:
  // chunks n, at least 1; fewer if there are fewer rows.
  OverlappedRowLinear(RankContext& ctx, const std::string& name, Index D, Index F,
                      RowOptions options, int chunks);
  Tensor forward(Tensor x, int microbatch, RankContext& ctx) override;

 private:
  int chunks_;
};

}  // namespace shardpipe
