// Norms over the last dimension of x [T,D]. Every rank of a tensor-parallel group has the whole x
// and the whole weights, computes the same, and needs no communication.
#pragma once

#include <string>

#include "core/tensor_parallel/layer.h"

namespace shardpipe {

class LayerNorm : public Layer {
 public:
  LayerNorm(RankContext& ctx, const std::string& name, Index D, DType dtype, float epsilon = 1e-5f);
  Tensor forward(Tensor x, int microbatch, RankContext& ctx) override;
  Tensor backward_input(Tensor dy, int microbatch, RankContext& ctx) override;
  void backward_weight(int microbatch, RankContext& ctx) override;
  void drop(int microbatch) override { saved_.erase(microbatch); }
  std::vector<Parameter*> parameters() override { return {&scale_, &shift_}; }

 private:
  struct Saved {
    Tensor x, stats, dy;
  };
  float epsilon_;
  Parameter scale_, shift_;
  std::map<int, Saved> saved_;
};

class RmsNorm : public Layer {
 public:
  RmsNorm(RankContext& ctx, const std::string& name, Index D, DType dtype, float epsilon = 1e-5f);
  Tensor forward(Tensor x, int microbatch, RankContext& ctx) override;
  Tensor backward_input(Tensor dy, int microbatch, RankContext& ctx) override;
  void backward_weight(int microbatch, RankContext& ctx) override;
  void drop(int microbatch) override { saved_.erase(microbatch); }
  std::vector<Parameter*> parameters() override { return {&scale_}; }

 private:
  struct Saved {
    Tensor x, stats, dy;
  };
  float epsilon_;
  Parameter scale_;
  std::map<int, Saved> saved_;
};

enum class NormKind { layer_norm, rms_norm };

std::unique_ptr<Layer> make_norm(RankContext& ctx, NormKind kind, const std::string& name, Index D,
                                 DType dtype);

}  // namespace shardpipe
