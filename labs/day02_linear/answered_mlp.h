// The MLP of exercise day02_mlp as a Layer, so that the lab runs it: the learner's functions on the
// kit's weights.
#pragma once

#include "core/tensor_parallel/mlp.h"
#include "exercises/day02_linear/day02_mlp.h"

namespace shardpipe {

class AnsweredMlp : public Layer {
 public:
  AnsweredMlp(RankContext& ctx, Index D, Index F, DType dtype, MlpAnswer answer);

  Tensor forward(Tensor x, int microbatch, RankContext& ctx) override;
  Tensor backward_input(Tensor dy, int microbatch, RankContext& ctx) override;
  void backward_weight(int microbatch, RankContext& ctx) override;
  void drop(int microbatch) override { saved_.erase(microbatch); }
  std::vector<Parameter*> parameters() override { return weights_.parameters(); }

 private:
  struct Saved {
    Tensor x, dy;
    MlpState state;
  };
  MlpShard shard(Tensor Parameter::*which);

  Mlp weights_;  // of which nothing else is used
  MlpAnswer answer_;
  std::map<int, Saved> saved_;
};

}  // namespace shardpipe
