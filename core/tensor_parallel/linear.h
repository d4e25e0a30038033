// Linear layers split over t tensor-parallel ranks. With t = 1 both are the ordinary linear layer.
// T tokens, D input features, F output features. Weights are [outputs, inputs], y = x W^T + b.
// Source: Shoeybi et al., Megatron-LM, arXiv:1909.08053, section 3.
//
//                 forward                    backward of x
//   column        -                          all-reduce dx [T,D]
//   + gather      all-gather y [T,F]         all-reduce dx [T,D]
//   row           all-reduce y [T,F]         -
//   + split       all-reduce y [T,F]         all-gather dx [T,D]
#pragma once

#include <string>
#include <vector>

#include "core/tensor_parallel/layer.h"

namespace shardpipe {

// A part of the outputs that is split among the ranks by itself: Q, K and V of a fused projection
// are three parts, so that each rank holds [Q_i | K_i | V_i] and not the i-th stretch of [Q | K |
// V]. With replicas r, groups of r neighbouring ranks hold the same rows.
struct OutputPart {
  std::string name = {};
  Index outputs = 0;
  int replicas = 1;
};

struct ColumnOptions {
  bool bias = true;
  bool gather_output = false;      // y [T,F] on every rank instead of [T,F/t]
  bool sum_input_gradient = true;  // false: dx is left a partial sum, which the caller sums
  WeightType dtype = {};
};

// W is split by outputs: each rank holds W [F/t,D], b [F/t] and gives y [T,F/t] from x [T,D].
class ColumnParallelLinear : public Layer {
 public:
  // Names of the weights: <part>.weight [F,D] and <part>.bias [F].
  ColumnParallelLinear(RankContext& ctx, std::vector<OutputPart> parts, Index D,
                       ColumnOptions options);

  Tensor forward(Tensor x, int microbatch, RankContext& ctx) override;
  Tensor backward_input(Tensor dy, int microbatch, RankContext& ctx) override;
  void backward_weight(int microbatch, RankContext& ctx) override;
  void drop(int microbatch) override { saved_.erase(microbatch); }
  void reduce_replicated_gradients(RankContext& ctx) override;
  std::vector<Parameter*> parameters() override;

  Index local_outputs() const { return weight_.value.size(0); }

 protected:  // for the twins, which differ in when and what they send
  struct Saved {
    Tensor x, dy;
  };
  // Products of any number of rows.
  void multiply(Tensor y, Tensor x, RankContext& ctx);              // y [T,F/t] = x W^T + b
  Tensor input_gradient(Tensor dy, RankContext& ctx);               // [T,D] = dy W, a partial sum
  void add_weight_gradient(Tensor dy, Tensor x, RankContext& ctx);  // dW += dy^T x, db += sum dy
  Parameter weight_, bias_;
  std::map<int, Saved> saved_;

 private:
  ColumnOptions options_;
  std::unique_ptr<Communicator> replicas_;  // ranks that hold the same rows; nullptr: none do
  Index replicated_first_ = 0, replicated_count_ = 0;  // those rows
};

// gelu(x W^T + b): bias and activation in the epilogue of the product. gather_output is refused.
class GeluColumnLinear : public ColumnParallelLinear {
 public:
  GeluColumnLinear(RankContext& ctx, std::vector<OutputPart> parts, Index D, ColumnOptions options,
                   GeluKind kind);

  Tensor forward(Tensor x, int microbatch, RankContext& ctx) override;
  Tensor backward_input(Tensor dy, int microbatch, RankContext& ctx) override;
  void drop(int microbatch) override;

 private:
  GeluKind kind_;
  std::map<int, Tensor> pre_;  // before the activation
};

struct RowOptions {
  bool bias = true;
  bool input_is_parallel =
      true;                // x is [T,D/t] already; otherwise [T,D], and each rank takes its part
  bool sum_output = true;  // false: y is left a partial sum, which the caller sums; see
                           // Layer::deferred_bias
  WeightType dtype = {};
};

// W is split by inputs: each rank holds W [F,D/t], takes x [T,D/t] and gives a partial y [T,F],
// which is summed. The bias [F] is replicated and added once, after the sum.
class RowParallelLinear : public Layer {
 public:
  RowParallelLinear(RankContext& ctx, const std::string& name, Index D, Index F,
                    RowOptions options);

  Tensor forward(Tensor x, int microbatch, RankContext& ctx) override;
  Tensor backward_input(Tensor dy, int microbatch, RankContext& ctx) override;
  void backward_weight(int microbatch, RankContext& ctx) override;
  void drop(int microbatch) override { saved_.erase(microbatch); }
  std::vector<Parameter*> parameters() override;
  Tensor deferred_bias() const override { return options_.sum_output ? Tensor() : bias_.value; }

 protected:
  struct Saved {
    Tensor x, dy;
  };
  void multiply(Tensor y, Tensor x, RankContext& ctx);          // y [T,F] = x W^T, a partial sum
  void add_bias(Tensor y, RankContext& ctx);                    // y [T,F] += b
  void input_gradient(Tensor dx, Tensor dy, RankContext& ctx);  // dx [T,D/t] = dy W
  void add_weight_gradient(Tensor dy, Tensor x, RankContext& ctx);
  Index inputs() const { return weight_.value.size(1); }  // D/t
  Index outputs() const { return weight_.value.size(0); }
  Parameter weight_, bias_;
  std::map<int, Saved> saved_;

 private:
  RowOptions options_;
};

}  // namespace shardpipe
