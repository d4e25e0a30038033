// TransformerBlock with fewer operations, on x [T,D]. The same function, weights and bits:
//   z = x + attention(norm1(x));   y = z + mlp(norm2(z))
// What TransformerBlock does after a row linear, and what it costs in passes over [T,D]:
//                         reads  writes
//   all_reduce            y      y
//   + bias                y      y
//   + x (residual)        y x    z
//   norm2                 z      n
// Here bias, residual addition and norm are one operation (Math::add_norm), backward likewise, and
// GELU is in the epilogue of the product before it. With FusedSum::one_shot the sum over ranks is
// in it too: every rank sends its partial sum to all others in one exchange, and adds the t of them
// while it is at it. That moves (t-1) S bytes a rank instead of 2 (t-1)/t S but in one step, so it
// wins where latency counts: few tokens, as when tokens are generated. (TensorRT-LLM and vLLM fuse
// the same way.)
#pragma once

#include "core/tensor_parallel/block.h"

namespace shardpipe {

enum class FusedSum {
  all_reduce,  // summed, then one operation for the rest
  one_shot,    // sent to all, then one operation that also sums
};

class FusedBlock : public Layer {
 public:
  // Style plain, paired; usage error otherwise.
  FusedBlock(RankContext& ctx, int layer, const BlockOptions& options, FusedSum sum);

  Tensor forward(Tensor x, int microbatch, RankContext& ctx) override;
  Tensor backward_input(Tensor dy, int microbatch, RankContext& ctx) override;
  void backward_weight(int microbatch, RankContext& ctx) override;
  void drop(int microbatch) override;
  void reduce_replicated_gradients(RankContext& ctx) override;
  std::vector<Parameter*> parameters() override;

 private:
  // y [T,D], a partial sum, as parts [n,T,D] whose sum is that over ranks.
  Tensor parts_of(Tensor y, RankContext& ctx) const;

  int layer_;
  FusedSum sum_;
  std::unique_ptr<Norm> norm1_, norm2_;
  std::unique_ptr<Layer> attention_, mlp_;
};

}  // namespace shardpipe
