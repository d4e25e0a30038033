// A block whose attention and MLP read the same norm, side by side, on x [T,D]:
//   y = x + attention(norm(x)) + mlp(norm(x))
// Not the function of TransformerBlock, but trained models of this form do as well (Chowdhery et
// al., PaLM, arXiv:2204.02311, section 2; GPT-J). What it buys: both partial sums are added before
// they are summed over ranks, so a block has 1 all-reduce of [T,D] forward and 1 backward instead
// of 2 and 2. Row linears have no biases, as in PaLM.
#pragma once

#include "core/tensor_parallel/block.h"

namespace shardpipe {

class ParallelBlock : public Layer {
 public:
  // Style plain; usage error otherwise. options.attention.bias and options.mlp.bias must be false.
  ParallelBlock(RankContext& ctx, int layer, const BlockOptions& options);

  Tensor forward(Tensor x, int microbatch, RankContext& ctx) override;
  Tensor backward_input(Tensor dy, int microbatch, RankContext& ctx) override;
  void backward_weight(int microbatch, RankContext& ctx) override;
  void drop(int microbatch) override;
  void reduce_replicated_gradients(RankContext& ctx) override;
  std::vector<Parameter*> parameters() override;

 private:
  int layer_;
  std::unique_ptr<Layer> norm_, attention_, mlp_;
};

}  // namespace shardpipe
