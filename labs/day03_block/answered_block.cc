#include "exercises/day03_block/day03_block.h"
#include "labs/answers.h"
#include "labs/day03_block/answered_parts.h"

namespace shardpipe {
namespace {

// A layer that leaves its y to be summed over ranks, and its bias to be added once: here the first
// rank of the group brings it into the sum.
class Term : public Layer {
 public:
  explicit Term(std::unique_ptr<Layer> layer) : layer_(std::move(layer)) {}

  Tensor forward(Tensor x, int microbatch, RankContext& ctx) override {
    const Tensor y = layer_->forward(x, microbatch, ctx), bias = layer_->deferred_bias();
    if (!bias.empty() && ctx.tp.rank() == 0) ctx.math.add_bias(y, bias, ctx.compute);
    return y;
  }
  Tensor backward_input(Tensor dy, int microbatch, RankContext& ctx) override {
    return layer_->backward_input(dy, microbatch, ctx);
  }
  void backward_weight(int microbatch, RankContext& ctx) override {
    layer_->backward_weight(microbatch, ctx);
  }
  void drop(int microbatch) override { layer_->drop(microbatch); }
  void reduce_replicated_gradients(RankContext& ctx) override {
    layer_->reduce_replicated_gradients(ctx);
  }
  std::vector<Parameter*> parameters() override { return layer_->parameters(); }

 private:
  std::unique_ptr<Layer> layer_;
};

class AnsweredBlock : public Layer {
 public:
  AnsweredBlock(RankContext& ctx, int layer, const BlockOptions& o) : layer_(layer) {
    const std::string name = text("blocks.", layer);
    AttentionOptions attention = o.attention;
    MlpOptions mlp = o.mlp;
    attention.sums = mlp.sums = false;  // left to the answer
    norm1_ = make_norm(ctx, o.norm, name + ".norm1", o.D, mlp.dtype, o.norm_epsilon);
    norm2_ = make_norm(ctx, o.norm, name + ".norm2", o.D, mlp.dtype, o.norm_epsilon);
    attention_ = term(std::make_unique<Attention>(ctx, name + ".attention", o.D, attention));
    if (o.gated)
      mlp_ = term(std::make_unique<GatedMlp>(ctx, name + ".mlp", o.D, o.F, mlp));
    else
      mlp_ = term(std::make_unique<Mlp>(ctx, name + ".mlp", o.D, o.F, mlp));
  }

  Tensor forward(Tensor x, int microbatch, RankContext& ctx) override {
    const Scope mark = ctx.scope({.layer = layer_});
    return answer_.block_forward(x, parts(), microbatch, ctx);
  }
  Tensor backward_input(Tensor dy, int microbatch, RankContext& ctx) override {
    const Scope mark = ctx.scope({.layer = layer_});
    return answer_.block_backward_input(dy, parts(), microbatch, ctx);
  }
  void backward_weight(int microbatch, RankContext& ctx) override {
    const Scope mark = ctx.scope({.layer = layer_});
    for (Layer* part : all()) part->backward_weight(microbatch, ctx);
  }
  void drop(int microbatch) override {
    for (Layer* part : all()) part->drop(microbatch);
  }
  void reduce_replicated_gradients(RankContext& ctx) override {
    const Scope mark = ctx.scope({.layer = layer_});
    for (Layer* part : all()) part->reduce_replicated_gradients(ctx);
  }
  std::vector<Parameter*> parameters() override {
    std::vector<Parameter*> parameters;
    for (Layer* part : all())
      for (Parameter* p : part->parameters()) parameters.push_back(p);
    return parameters;
  }

 private:
  static std::unique_ptr<Layer> term(std::unique_ptr<Layer> layer) {
    return std::make_unique<Term>(std::move(layer));
  }
  BlockParts parts() const { return {*norm1_, *norm2_, *attention_, *mlp_}; }
  std::vector<Layer*> all() const {
    return {norm1_.get(), attention_.get(), norm2_.get(), mlp_.get()};
  }

  int layer_;
  BlockAnswer answer_ = load_answer<BlockAnswer>("day03_block");
  std::unique_ptr<Layer> norm1_, attention_, norm2_, mlp_;
};

}  // namespace

std::unique_ptr<Layer> answered_block(RankContext& ctx, int layer, const BlockOptions& options) {
  return std::make_unique<AnsweredBlock>(ctx, layer, options);
}

}  // namespace shardpipe
