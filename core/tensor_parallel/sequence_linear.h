// Sequence parallelism. Same y, dx and gradients as ColumnParallelLinear and RowParallelLinear, but
// between a row linear and the next column linear a rank holds only its T/t tokens: norms, residual
// additions and what they keep for backward shrink to 1/t. An all-reduce is a reduce-scatter and an
// all-gather; here they stand apart, on both sides of that stretch, so the bytes sent are the same.
// Source: Korthikanti et al., arXiv:2205.05198, section 4.2.2.
// t ranks, T tokens (a multiple of t), D input features, F output features.
//
//                 forward                       backward of x                of W
//   column        all-gather x [T,D]            reduce-scatter dx [T,D]      all-gather x [T,D]
//   row           reduce-scatter y [T,F]        all-gather dy [T,F]          -
//
// Column keeps x [T/t,D] and gathers it a second time in backward; keeping [T,D] would cost what
// sequence parallelism saves.
#pragma once

#include "core/tensor_parallel/linear.h"

namespace shardpipe {

// x [T/t,D] -> y [T,F/t]
class SequenceColumnLinear : public ColumnParallelLinear {
 public:
  using ColumnParallelLinear::ColumnParallelLinear;
  Tensor forward(Tensor x, int microbatch, RankContext& ctx) override;
  Tensor backward_input(Tensor dy, int microbatch, RankContext& ctx) override;
  void backward_weight(int microbatch, RankContext& ctx) override;
};

// x [T,D/t] -> y [T/t,F]
class SequenceRowLinear : public RowParallelLinear {
 public:
  using RowParallelLinear::RowParallelLinear;
  Tensor forward(Tensor x, int microbatch, RankContext& ctx) override;
  Tensor backward_input(Tensor dy, int microbatch, RankContext& ctx) override;
};

// A layer that acts on each token by itself and whose weights every rank holds (a norm), on T/t
// tokens. Its weights' gradients are sums over tokens, so they are summed over ranks, once a step.
class OnOwnTokens : public Layer {
 public:
  explicit OnOwnTokens(std::unique_ptr<Layer> layer) : layer_(std::move(layer)) {}

  Tensor forward(Tensor x, int microbatch, RankContext& ctx) override;
  Tensor backward_input(Tensor dy, int microbatch, RankContext& ctx) override;
  void backward_weight(int microbatch, RankContext& ctx) override;
  void drop(int microbatch) override { layer_->drop(microbatch); }
  void reduce_replicated_gradients(RankContext& ctx) override;
  std::vector<Parameter*> parameters() override { return layer_->parameters(); }

 private:
  std::unique_ptr<Layer> layer_;
};

}  // namespace shardpipe
