// Layer: forward and backward by hand, so that the communication in each is visible.
// Backward is in two halves: dx first, dW when it suits (overlap and zero-bubble schedules delay
// it). What backward needs is kept per micro-batch from forward on and dropped as soon as it was
// used.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "core/tensor_parallel/parameter.h"

namespace shardpipe {

class Layer {
 public:
  virtual ~Layer() = default;

  virtual Tensor forward(Tensor x, int microbatch, RankContext& ctx) = 0;          // -> y
  virtual Tensor backward_input(Tensor dy, int microbatch, RankContext& ctx) = 0;  // -> dx
  virtual void backward_weight(int microbatch, RankContext& ctx) = 0;              // grad += dW
  virtual Tensor backward(Tensor dy, int microbatch, RankContext& ctx) {           // both
    Tensor dx = backward_input(dy, microbatch, ctx);
    backward_weight(microbatch, ctx);
    return dx;
  }

  // Forgets what forward kept of a micro-batch: its backward will not come (recomputation,
  // inference).
  virtual void drop(int microbatch) = 0;

  // Once a step, after the last backward: sums gradients of weights that several ranks of a tensor
  // parallel group hold copies of, each copy having seen a part of the work.
  virtual void reduce_replicated_gradients(RankContext&) {}

  virtual std::vector<Parameter*> parameters() { return {}; }

  // Where y is a partial sum that the caller sums: the bias [F] that the caller adds after that.
  // Empty: none. Backward counts it in as ever. (Megatron-LM: skip_bias_add.)
  virtual Tensor deferred_bias() const { return {}; }
};

// A layer without weights.
class PureLayer : public Layer {
 public:
  void backward_weight(int, RankContext&) override {}
};

// y = last(...(first(x))).
class Sequential : public Layer {
 public:
  Sequential() = default;
  void add(std::unique_ptr<Layer> layer) { layers_.push_back(std::move(layer)); }

  Tensor forward(Tensor x, int microbatch, RankContext& ctx) override;
  Tensor backward_input(Tensor dy, int microbatch, RankContext& ctx) override;
  void backward_weight(int microbatch, RankContext& ctx) override;
  Tensor backward(Tensor dy, int microbatch, RankContext& ctx) override;
  void drop(int microbatch) override;
  void reduce_replicated_gradients(RankContext& ctx) override;
  std::vector<Parameter*> parameters() override;
  Tensor deferred_bias() const override {
    return layers_.empty() ? Tensor() : layers_.back()->deferred_bias();
  }

 private:
  std::vector<std::unique_ptr<Layer>> layers_;
};

// The entry of a micro-batch in a stash.
template <class Saved>
Saved& kept(std::map<int, Saved>& stash, int microbatch, Where where = Where::here()) {
  const auto it = stash.find(microbatch);
  if (it == stash.end())
    fail(text("backward of micro-batch ", microbatch, " without its forward"), where);
  return it->second;
}

// Takes it out.
template <class Saved>
Saved take(std::map<int, Saved>& stash, int microbatch, Where where = Where::here()) {
  Saved saved = std::move(kept(stash, microbatch, where));
  stash.erase(microbatch);
  return saved;
}

}  // namespace shardpipe
