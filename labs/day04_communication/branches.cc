#include "labs/day04_communication/branches.h"

namespace shardpipe {
namespace {

class Residual : public Layer {
 public:
  explicit Residual(std::unique_ptr<Layer> inner) : inner_(std::move(inner)) {}

  Tensor forward(Tensor x, int microbatch, RankContext& ctx) override {
    return add(inner_->forward(x, microbatch, ctx), x, ctx);
  }
  Tensor backward_input(Tensor dy, int microbatch, RankContext& ctx) override {
    return add(inner_->backward_input(dy, microbatch, ctx), dy, ctx);
  }
  void backward_weight(int microbatch, RankContext& ctx) override {
    inner_->backward_weight(microbatch, ctx);
  }
  // Not in halves: a linear may put a sum under its dW.
  Tensor backward(Tensor dy, int microbatch, RankContext& ctx) override {
    return add(inner_->backward(dy, microbatch, ctx), dy, ctx);
  }
  void drop(int microbatch) override { inner_->drop(microbatch); }
  void reduce_replicated_gradients(RankContext& ctx) override {
    inner_->reduce_replicated_gradients(ctx);
  }
  std::vector<Parameter*> parameters() override { return inner_->parameters(); }

 private:
  static Tensor add(const Tensor& to, const Tensor& x, RankContext& ctx) {
    ctx.math.add(to, to, x, ctx.compute);
    return to;
  }

  std::unique_ptr<Layer> inner_;
};

}  // namespace

std::unique_ptr<Layer> attention_of(RankContext& ctx, const BlockOptions& o,
                                    const Linears& linears) {
  const AttentionOptions& a = o.attention;
  const HeadShare share = head_share(a.heads, a.kv_heads, ctx.tp.size());
  const Index C = o.D / a.heads;
  const std::string name = "blocks.0.attention";
  const auto part = [&](const char* which, Index heads, int replicas) -> OutputPart {
    return {.name = name + which, .outputs = heads * C, .replicas = replicas};
  };
  auto all = std::make_unique<Sequential>();
  all->add(linears.column({part(".q", a.heads, 1), part(".k", a.kv_heads, share.kv_replicas),
                           part(".v", a.kv_heads, share.kv_replicas)}));
  all->add(std::make_unique<AttentionCore>(share, 1, C, a));
  all->add(linears.row(name + ".out", o.D));
  return all;
}

std::unique_ptr<Layer> mlp_of(const BlockOptions& o, const Linears& linears) {
  const std::string name = "blocks.0.mlp";
  const OutputPart gate{.name = name + ".gate", .outputs = o.F}, up{name + ".up", o.F};
  auto all = std::make_unique<Sequential>();
  if (o.gated) {
    all->add(linears.column({gate, up}));
    all->add(std::make_unique<SiluGate>());
  } else {
    all->add(linears.column({up}));
    all->add(std::make_unique<Gelu>(o.mlp.gelu));
  }
  all->add(linears.row(name + ".down", o.F));
  return all;
}

std::unique_ptr<Layer> block_of(
    RankContext& ctx, const BlockOptions& o, const Linears& linears,
    const std::function<std::unique_ptr<Layer>(const std::string& name)>& make) {
  auto block = std::make_unique<Sequential>();
  const auto add = [&](const char* norm, std::unique_ptr<Layer> inner) {
    auto branch = std::make_unique<Sequential>();
    branch->add(make(text("blocks.0.", norm)));
    branch->add(std::move(inner));
    block->add(std::make_unique<Residual>(std::move(branch)));
  };
  add("norm1", attention_of(ctx, o, linears));
  add("norm2", mlp_of(o, linears));
  return block;
}

}  // namespace shardpipe
