// The layers of a branch (branch_tables.h) as day04_sequence_block is given them: they work on
// ctx.compute and send nothing.
#pragma once

#include "exercises/day04_communication/day04_sequence_block.h"
#include "labs/grade/day04/branch_tables.h"

namespace shardpipe {

class GivenBranch {
 public:
  // This rank's part of the whole; gradients are 0.
  GivenBranch(const BranchTables& whole, RankContext& ctx);
  GivenBranch(const GivenBranch&) = delete;  // its layers refer to it

  BranchLayers layers();
  std::vector<Tensor> norm_gradients() const { return {scale_gradient_, shift_gradient_}; }
  // Gradients and what was given, each name behind `prefix`.
  HeldTensors held(const std::string& prefix) const;
  static std::map<std::string, Wanted64> wanted_of(const std::string& prefix,
                                                   const BranchTables& whole,
                                                   const BranchTables& gradients, int rank, int t,
                                                   double roundings);
  // Numbers of all tensors that the layers of one rank hold, those made on the way included.
  static Index elements(int t);

 private:
  Tensor norm(const Tensor& x);
  Tensor inner(const Tensor& normed);
  Tensor inner_backward(const Tensor& dy);
  Tensor norm_backward(const Tensor& dnormed);
  void inner_weights(const Tensor& normed, const Tensor& dy);
  Tensor product(const Tensor& a, Transpose op_a, const Tensor& b, Transpose op_b);

  RankContext& ctx_;
  Tensor scale_, shift_, mix_, column_, row_, bias_;  // scale: [D,D], a diagonal
  Tensor scale_gradient_, shift_gradient_, column_gradient_, row_gradient_, bias_gradient_;
  Tensor x_, hidden_, dpre_;  // kept: [n,D] [T,F/t] [T,F/t]
};

}  // namespace shardpipe
