// Recomputed: same result as the layer inside. Activation recomputation (Chen et al.,
// arXiv:1604.06174, section 3): between forward and backward only the input is kept; backward runs
// forward again first. Costs one more forward, its collectives included.
#pragma once

#include "core/tensor_parallel/layer.h"

namespace shardpipe {

class Recomputed : public Layer {
 public:
  explicit Recomputed(std::unique_ptr<Layer> layer) : layer_(std::move(layer)) {}

  Tensor forward(Tensor x, int microbatch, RankContext& ctx) override {
    inputs_[microbatch] = x;
    Tensor y = layer_->forward(x, microbatch, ctx);
    layer_->drop(microbatch);
    return y;
  }
  Tensor backward_input(Tensor dy, int microbatch, RankContext& ctx) override {
    layer_->forward(take(inputs_, microbatch), microbatch, ctx);
    return layer_->backward_input(dy, microbatch, ctx);
  }
  void backward_weight(int microbatch, RankContext& ctx) override {
    layer_->backward_weight(microbatch, ctx);
  }
  Tensor backward(Tensor dy, int microbatch, RankContext& ctx) override {
    layer_->forward(take(inputs_, microbatch), microbatch, ctx);
    return layer_->backward(dy, microbatch, ctx);
  }
  void drop(int microbatch) override {
    inputs_.erase(microbatch);
    layer_->drop(microbatch);
  }
  void reduce_replicated_gradients(RankContext& ctx) override {
    layer_->reduce_replicated_gradients(ctx);
  }
  std::vector<Parameter*> parameters() override { return layer_->parameters(); }

 private:
  std::unique_ptr<Layer> layer_;
  std::map<int, Tensor> inputs_;
};

}  // namespace shardpipe
