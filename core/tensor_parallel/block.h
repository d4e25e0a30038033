// A pre-norm transformer block on x [T,D]:
//   z = x + attention(norm1(x));   y = z + mlp(norm2(z))
// Paired: exactly 2 all-reduces of [T,D] forward and 2 backward, whatever t is.
// Naive twin: every linear gives its full output to every rank.
// A style that splits tokens (tp_style.h) takes and gives x [T/t,D]: rank i has tokens i T/t and
// on.
#pragma once

#include <string>

#include "core/tensor_parallel/attention.h"
#include "core/tensor_parallel/mlp.h"
#include "core/tensor_parallel/norm.h"

namespace shardpipe {

struct BlockOptions {
  Index D = 0, F = 0;
  AttentionOptions attention = {};
  MlpOptions mlp = {};
  bool gated = false;  // GatedMlp instead of Mlp
  NormKind norm = NormKind::layer_norm;
  float norm_epsilon = kNormEpsilon;
};

class TransformerBlock : public Layer {
 public:
  // layer: its number, for tags and names ("blocks.<layer>.").
  TransformerBlock(RankContext& ctx, int layer, const BlockOptions& options);

  Tensor forward(Tensor x, int microbatch, RankContext& ctx) override;
  Tensor backward_input(Tensor dy, int microbatch, RankContext& ctx) override;
  void backward_weight(int microbatch, RankContext& ctx) override;
  Tensor backward(Tensor dy, int microbatch, RankContext& ctx) override;
  void drop(int microbatch) override;
  void reduce_replicated_gradients(RankContext& ctx) override;
  std::vector<Parameter*> parameters() override;

 private:
  // One residual branch: x + inner(x).
  static Tensor add_branch(Tensor x, Sequential& inner, int microbatch, RankContext& ctx);

  int layer_;
  Sequential attention_, mlp_;  // each with its norm in front
};

}  // namespace shardpipe
