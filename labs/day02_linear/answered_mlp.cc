#include "labs/day02_linear/answered_mlp.h"

namespace shardpipe {

AnsweredMlp::AnsweredMlp(RankContext& ctx, Index D, Index F, DType dtype, MlpAnswer answer)
    : weights_(ctx, "mlp", D, F, {.dtype = dtype}), answer_(answer) {}

MlpShard AnsweredMlp::shard(Tensor Parameter::*which) {
  const std::vector<Parameter*> all = weights_.parameters();
  return {.fc1_weight = all.at(0)->*which,
          .fc1_bias = all.at(1)->*which,
          .fc2_weight = all.at(2)->*which,
          .fc2_bias = all.at(3)->*which};
}

Tensor AnsweredMlp::forward(Tensor x, int microbatch, RankContext& ctx) {
  const MlpShard weights = shard(&Parameter::value);
  const Shape hidden = {x.size(0), weights.fc1_weight.size(0)};  // [T,F/t]
  const auto make = [&] { return Tensor(ctx.device, hidden, x.dtype()); };
  Saved& saved = saved_[microbatch];
  saved = {.x = x, .dy = {}, .state = {.pre = make(), .act = make(), .dpre = make()}};
  const Tensor y(ctx.device, x.shape(), x.dtype());  // [T,D]
  answer_.mlp_forward(y, x, weights, saved.state, ctx);
  return y;
}

Tensor AnsweredMlp::backward_input(Tensor dy, int microbatch, RankContext& ctx) {
  Saved& saved = kept(saved_, microbatch);
  saved.dy = dy;
  const Tensor dx(ctx.device, saved.x.shape(), dy.dtype());  // [T,D]
  answer_.mlp_backward_input(dx, dy, shard(&Parameter::value), saved.state, ctx);
  return dx;
}

void AnsweredMlp::backward_weight(int microbatch, RankContext& ctx) {
  const Saved saved = take(saved_, microbatch);
  answer_.mlp_backward_weight(shard(&Parameter::grad), saved.x, saved.dy, saved.state, ctx);
}

}  // namespace shardpipe
