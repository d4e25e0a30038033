#include "labs/day04_communication/answered_sequence_block.h"

#include "exercises/day04_communication/day04_sequence_block.h"
#include "labs/answers.h"
#include "labs/day04_communication/branches.h"

namespace shardpipe {
namespace {

// dx is left a term of a sum. x is not kept: the gradient of the weight is formed from what is lent
// for it.
class LentColumn : public ColumnParallelLinear {
 public:
  using ColumnParallelLinear::ColumnParallelLinear;
  Tensor forward(Tensor x, int, RankContext& ctx) override {
    Tensor y(ctx.device, {x.size(0), local_outputs()}, x.dtype());  // [T,F/t]
    multiply(y, x, ctx);
    return y;
  }
  Tensor backward_input(Tensor dy, int microbatch, RankContext& ctx) override {
    saved_[microbatch].dy = dy;
    return input_gradient(dy, ctx);
  }
  void lend(Tensor x, int microbatch) { kept(saved_, microbatch).x = x; }
};

// y is left a term of a sum; the bias and its gradient are somebody else's.
class BareRow : public RowParallelLinear {
 public:
  using RowParallelLinear::RowParallelLinear;
  void lend(Tensor dy, int microbatch) { kept(saved_, microbatch).dy = dy; }
  void backward_weight(int microbatch, RankContext& ctx) override {
    const Saved s = take(saved_, microbatch);
    ctx.math.gemm(weight_.grad, s.dy, Transpose::yes, s.x, Transpose::no,
                  {.beta = 1, .name = "gemm dW"}, ctx.compute);
  }
  const Parameter& bias() const { return bias_; }
};

class AnsweredBranch : public Layer {
 public:
  using MakeInner = std::function<std::unique_ptr<Layer>(const Linears&)>;
  AnsweredBranch(RankContext& ctx, std::unique_ptr<Layer> norm, const MakeInner& make,
                 const BlockOptions& o, const SequenceBlockAnswer& answer)
      : norm_(std::move(norm)), answer_(answer) {
    const bool bias = o.mlp.bias;
    const WeightType dtype = o.mlp.dtype;
    inner_ =
        make({.column =
                  [&](std::vector<OutputPart> parts) {
                    auto column = std::make_unique<LentColumn>(
                        ctx, std::move(parts), o.D, ColumnOptions{.bias = bias, .dtype = dtype});
                    column_ = column.get();
                    return column;
                  },
              .row =
                  [&](const std::string& name, Index inputs) {
                    auto row = std::make_unique<BareRow>(
                        ctx, name, inputs, o.D,
                        RowOptions{.bias = bias, .sum_output = false, .dtype = dtype});
                    row_ = row.get();
                    return row;
                  }});
    // The answer adds a bias in any case.
    bias_ = bias ? row_->bias() : make_parameter(ctx, {o.D}, dtype, replicated("none", {o.D}));
    if (!bias) ctx.math.fill(bias_.value, 0, ctx.compute);
  }

  Tensor forward(Tensor x, int microbatch, RankContext& ctx) override {
    const Tensor y(ctx.device, x.shape(), x.dtype());  // [T/t,D]
    answer_.branch_forward(y, x, layers(microbatch, ctx), states_[microbatch], ctx);
    return y;
  }
  Tensor backward_input(Tensor dy, int microbatch, RankContext& ctx) override {
    const Tensor dx(ctx.device, dy.shape(), dy.dtype());  // [T/t,D]
    answer_.branch_backward_input(dx, dy, layers(microbatch, ctx), kept(states_, microbatch), ctx);
    return dx;
  }
  void backward_weight(int microbatch, RankContext& ctx) override {
    const SequenceState state = take(states_, microbatch);
    answer_.branch_backward_weight(layers(microbatch, ctx), state, ctx);
  }
  void drop(int microbatch) override {
    states_.erase(microbatch);
    for (Layer* layer : {norm_.get(), inner_.get()}) layer->drop(microbatch);
  }
  void reduce_replicated_gradients(RankContext& ctx) override {
    inner_->reduce_replicated_gradients(ctx);
  }
  std::vector<Parameter*> parameters() override {
    std::vector<Parameter*> all = norm_->parameters();
    for (Parameter* p : inner_->parameters()) all.push_back(p);
    return all;
  }
  std::vector<Parameter*> norm_parameters() { return norm_->parameters(); }

 private:
  BranchLayers layers(int mb, RankContext& ctx) {
    return {
        .norm = [=, this, &ctx](const Tensor& x) { return norm_->forward(x, mb, ctx); },
        .inner = [=, this, &ctx](const Tensor& n) { return inner_->forward(n, mb, ctx); },
        .inner_backward = [=, this,
                           &ctx](const Tensor& dy) { return inner_->backward_input(dy, mb, ctx); },
        .norm_backward = [=, this, &ctx](const Tensor& dn) { return norm_->backward(dn, mb, ctx); },
        .inner_weights =
            [=, this, &ctx](const Tensor& n, const Tensor& dy) {
              column_->lend(n, mb);
              row_->lend(dy, mb);
              inner_->backward_weight(mb, ctx);
            },
        .bias = bias_.value,
        .bias_gradient = bias_.grad};
  }

  std::unique_ptr<Layer> norm_, inner_;
  LentColumn* column_ = nullptr;  // of inner_
  BareRow* row_ = nullptr;        // of inner_
  Parameter bias_;
  SequenceBlockAnswer answer_;
  std::map<int, SequenceState> states_;
};

class AnsweredSequenceBlock : public Sequential {
 public:
  AnsweredSequenceBlock(RankContext& ctx, const BlockOptions& o, const SequenceBlockAnswer& answer)
      : answer_(answer) {
    const auto branch = [&](const char* norm, const AnsweredBranch::MakeInner& make) {
      auto made = std::make_unique<AnsweredBranch>(
          ctx, make_norm(ctx, o.norm, text("blocks.0.", norm), o.D, o.mlp.dtype, o.norm_epsilon),
          make, o, answer);
      for (Parameter* p : made->norm_parameters()) norms_.push_back(p);
      add(std::move(made));
    };
    branch("norm1", [&](const Linears& linears) { return attention_of(ctx, o, linears); });
    branch("norm2", [&](const Linears& linears) { return mlp_of(o, linears); });
  }

  void reduce_replicated_gradients(RankContext& ctx) override {
    Sequential::reduce_replicated_gradients(ctx);
    std::vector<Tensor> gradients;
    for (const Parameter* p : norms_) gradients.push_back(p->grad);
    answer_.reduce_norm_gradients(gradients, ctx);
  }

 private:
  SequenceBlockAnswer answer_;
  std::vector<Parameter*> norms_;
};

}  // namespace

std::unique_ptr<Layer> answered_sequence_block(RankContext& ctx, const BlockOptions& options) {
  return std::make_unique<AnsweredSequenceBlock>(
      ctx, options, load_answer<SequenceBlockAnswer>("day04_sequence_block"));
}

}  // namespace shardpipe
