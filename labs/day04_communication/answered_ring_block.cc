#include "labs/day04_communication/answered_ring_block.h"

#include "core/tensor_parallel/ring_linear.h"
#include "exercises/day04_communication/day04_ring_matmul.h"
#include "labs/answers.h"
#include "labs/day04_communication/branches.h"

namespace shardpipe {
namespace {

// x [T/t,D] of every rank, gathered [T,D] by the answer.
Tensor gather(const RingMatmulAnswer& answer, const Tensor& x, RankContext& ctx,
              const MultiplyPart& multiply) {
  const Tensor all(ctx.device, {ctx.tp.size() * x.size(0), x.size(1)}, x.dtype());
  answer.ring_gather_multiply(all, x, multiply, ctx);
  return all;
}

Tensor rows_of(const Tensor& x, int part, const Tensor& rows) {
  return x.slice(part * rows.size(0), rows.size(0));
}

class AnsweredColumn : public RingColumnLinear {
 public:
  AnsweredColumn(RankContext& ctx, std::vector<OutputPart> parts, Index D, ColumnOptions options,
                 RingMatmulAnswer answer)
      : RingColumnLinear(ctx, std::move(parts), D, options), answer_(answer) {}

  Tensor forward(Tensor x, int microbatch, RankContext& ctx) override {
    const Tensor y(ctx.device, {ctx.tp.size() * x.size(0), local_outputs()}, x.dtype());  // [T,F/t]
    gather(answer_, x, ctx,
           [&](int part, const Tensor& rows) { multiply(rows_of(y, part, rows), rows, ctx); });
    saved_[microbatch].x = x;
    return y;
  }
  void backward_weight(int microbatch, RankContext& ctx) override {
    const Saved saved = take(saved_, microbatch);
    gather(answer_, saved.x, ctx, [&](int part, const Tensor& rows) {
      add_weight_gradient(rows_of(saved.dy, part, rows), rows, ctx);
    });
  }

 private:
  RingMatmulAnswer answer_;
};

class AnsweredRow : public RingRowLinear {
 public:
  AnsweredRow(RankContext& ctx, const std::string& name, Index D, Index F, RowOptions options,
              RingMatmulAnswer answer)
      : RingRowLinear(ctx, name, D, F, options), answer_(answer) {}

  Tensor backward_input(Tensor dy, int microbatch, RankContext& ctx) override {
    const Tensor dx(ctx.device, {ctx.tp.size() * dy.size(0), inputs()}, dy.dtype());  // [T,D/t]
    kept(saved_, microbatch).dy = gather(answer_, dy, ctx, [&](int part, const Tensor& rows) {
      input_gradient(rows_of(dx, part, rows), rows, ctx);
    });
    return dx;
  }

 private:
  RingMatmulAnswer answer_;
};

}  // namespace

std::unique_ptr<Layer> answered_ring_block(RankContext& ctx, const BlockOptions& o) {
  const auto answer = load_answer<RingMatmulAnswer>("day04_ring_matmul");
  const bool bias = o.mlp.bias;
  const WeightType dtype = o.mlp.dtype;
  const Linears linears{
      .column =
          [&](std::vector<OutputPart> parts) {
            return std::make_unique<AnsweredColumn>(
                ctx, std::move(parts), o.D, ColumnOptions{.bias = bias, .dtype = dtype}, answer);
          },
      .row =
          [&](const std::string& name, Index inputs) {
            return std::make_unique<AnsweredRow>(ctx, name, inputs, o.D,
                                                 RowOptions{.bias = bias, .dtype = dtype}, answer);
          }};
  return block_of(ctx, o, linears, [&](const std::string& name) {
    return std::make_unique<OnOwnTokens>(make_norm(ctx, o.norm, name, o.D, dtype, o.norm_epsilon));
  });
}

}  // namespace shardpipe
