#include "core/tensor_parallel/layer.h"

namespace shardpipe {

Tensor Sequential::forward(Tensor x, int microbatch, RankContext& ctx) {
  for (auto& layer : layers_) x = layer->forward(x, microbatch, ctx);
  return x;
}

Tensor Sequential::backward_input(Tensor dy, int microbatch, RankContext& ctx) {
  for (auto it = layers_.rbegin(); it != layers_.rend(); ++it)
    dy = (*it)->backward_input(dy, microbatch, ctx);
  return dy;
}

void Sequential::backward_weight(int microbatch, RankContext& ctx) {
  for (auto it = layers_.rbegin(); it != layers_.rend(); ++it)
    (*it)->backward_weight(microbatch, ctx);
}

Tensor Sequential::backward(Tensor dy, int microbatch, RankContext& ctx) {
  for (auto it = layers_.rbegin(); it != layers_.rend(); ++it)
    dy = (*it)->backward(dy, microbatch, ctx);
  return dy;
}

void Sequential::drop(int microbatch) {
  for (auto& layer : layers_) layer->drop(microbatch);
}

void Sequential::reduce_replicated_gradients(RankContext& ctx) {
  for (auto& layer : layers_) layer->reduce_replicated_gradients(ctx);
}

std::vector<Parameter*> Sequential::parameters() {
  std::vector<Parameter*> all;
  for (auto& layer : layers_)
    for (Parameter* p : layer->parameters()) all.push_back(p);
  return all;
}

}  // namespace shardpipe
