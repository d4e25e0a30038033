// Norms over the last dimension of x [T,D]. Every rank of a tensor-parallel group has the whole x
// and the whole weights, computes the same, and needs no communication.
#pragma once

#include <string>

#include "core/tensor_parallel/layer.h"

namespace shardpipe {

inline constexpr float kNormEpsilon = 1e-5f;  // of GPT-2, Llama 2 and 3

class Norm : public Layer {
 public:
  // y = norm(h), h = sum of parts [n,T,D] + bias [D] (empty: none) + x [T,D], in one pass over
  // memory. Its backward is backward_added and backward_weight.
  struct Added {
    Tensor h, y;
  };
  Added forward_added(Tensor parts, Tensor bias, Tensor x, int microbatch, RankContext& ctx);
  // dy of y, dh of what else h was used for -> the gradient of h, which is that of parts and x.
  Tensor backward_added(Tensor dy, Tensor dh, int microbatch, RankContext& ctx);

  void drop(int microbatch) override { saved_.erase(microbatch); }

 protected:
  struct Saved {
    Tensor x, stats, dy;
  };
  Norm(Index stats, float epsilon, Parameter scale, Parameter shift)
      : stats_(stats), epsilon_(epsilon), scale_(std::move(scale)), shift_(std::move(shift)) {}

  Index stats_;  // numbers a row that forward leaves for backward
  float epsilon_;
  Parameter scale_, shift_;  // shift_ empty: the norm has none
  std::map<int, Saved> saved_;
};

class LayerNorm : public Norm {
 public:
  LayerNorm(RankContext& ctx, const std::string& name, Index D, WeightType type,
            float epsilon = kNormEpsilon);
  Tensor forward(Tensor x, int microbatch, RankContext& ctx) override;
  Tensor backward_input(Tensor dy, int microbatch, RankContext& ctx) override;
  void backward_weight(int microbatch, RankContext& ctx) override;
  std::vector<Parameter*> parameters() override { return {&scale_, &shift_}; }
};

class RmsNorm : public Norm {
 public:
  RmsNorm(RankContext& ctx, const std::string& name, Index D, WeightType type,
          float epsilon = kNormEpsilon);
  Tensor forward(Tensor x, int microbatch, RankContext& ctx) override;
  Tensor backward_input(Tensor dy, int microbatch, RankContext& ctx) override;
  void backward_weight(int microbatch, RankContext& ctx) override;
  std::vector<Parameter*> parameters() override { return {&scale_}; }
};

enum class NormKind { layer_norm, rms_norm };

std::unique_ptr<Norm> make_norm(RankContext& ctx, NormKind kind, const std::string& name, Index D,
                                WeightType type, float epsilon = kNormEpsilon);

}  // namespace shardpipe
