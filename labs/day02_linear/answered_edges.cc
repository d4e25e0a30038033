#include "exercises/day02_linear/day02_edges.h"
#include "labs/answers.h"
#include "labs/day02_linear/answered_linear.h"

namespace shardpipe {
namespace {

class AnsweredGathered : public ColumnParallelLinear {
 public:
  AnsweredGathered(RankContext& ctx, Index D, Index F, DType dtype)
      : ColumnParallelLinear(ctx, {{.name = "linear", .outputs = F}}, D, {.dtype = dtype}) {}

  Tensor forward(Tensor x, int microbatch, RankContext& ctx) override {
    const Index F = ctx.tp.size() * local_outputs();
    const Tensor y(ctx.device, {x.size(0), F}, x.dtype());
    answer_.gathered_forward(y, x, shard(), ctx);
    saved_[microbatch].x = x;
    return y;
  }

  Tensor backward_input(Tensor dy, int microbatch, RankContext& ctx) override {
    Saved& saved = kept(saved_, microbatch);
    const Tensor dx(ctx.device, saved.x.shape(), dy.dtype());  // [T,D]
    saved.dy = Tensor(ctx.device, {dy.size(0), local_outputs()}, dy.dtype());
    answer_.gathered_backward(dx, saved.dy, dy, shard(), ctx);
    return dx;
  }

 private:
  ColumnShard shard() const { return {.weight = weight_.value, .bias = bias_.value}; }
  EdgesAnswer answer_ = load_answer<EdgesAnswer>("day02_edges");
};

class AnsweredSplit : public RowParallelLinear {
 public:
  AnsweredSplit(RankContext& ctx, Index D, Index F, DType dtype)
      : RowParallelLinear(ctx, "linear", D, F, {.dtype = dtype}) {}

  Tensor forward(Tensor x, int microbatch, RankContext& ctx) override {
    const Tensor y(ctx.device, {x.size(0), outputs()}, x.dtype());      // [T,F]
    const Tensor x_part(ctx.device, {x.size(0), inputs()}, x.dtype());  // [T,D/t]
    answer_.split_forward(y, x_part, x, shard(), ctx);
    saved_[microbatch].x = x_part;
    return y;
  }

  Tensor backward_input(Tensor dy, int microbatch, RankContext& ctx) override {
    const Index D = ctx.tp.size() * inputs();
    const Tensor dx(ctx.device, {dy.size(0), D}, dy.dtype());
    answer_.split_backward(dx, dy, shard(), ctx);
    kept(saved_, microbatch).dy = dy;
    return dx;
  }

 private:
  RowShard shard() const { return {.weight = weight_.value, .bias = bias_.value}; }
  EdgesAnswer answer_ = load_answer<EdgesAnswer>("day02_edges");
};

}  // namespace

std::unique_ptr<Layer> answered_gathered(RankContext& ctx, Index D, Index F, DType dtype) {
  return std::make_unique<AnsweredGathered>(ctx, D, F, dtype);
}

std::unique_ptr<Layer> answered_split(RankContext& ctx, Index D, Index F, DType dtype) {
  return std::make_unique<AnsweredSplit>(ctx, D, F, dtype);
}

}  // namespace shardpipe
