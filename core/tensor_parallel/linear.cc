#include "core/tensor_parallel/linear.h"

#include "core/tensor_parallel/regions.h"

namespace shardpipe {
namespace {

// Which rows of the full parts a rank holds, stacked part after part.
std::vector<Piece> output_pieces(const std::vector<OutputPart>& parts, const char* suffix, Index D,
                                 int tp_rank, int t) {
  std::vector<Piece> pieces;
  Index first = 0;
  for (const OutputPart& part : parts) {
    const int shares = t / part.replicas;
    const Index count = part.outputs / shares;
    pieces.push_back({.name = part.name + suffix,
                      .full = D > 0 ? Shape{part.outputs, D} : Shape{part.outputs},
                      .dim = 0,
                      .full_first = tp_rank / part.replicas * count,
                      .first = first,
                      .count = count,
                      .counts = tp_rank % part.replicas == 0});
    first += count;
  }
  return pieces;
}

std::vector<int> neighbours(int rank, int replicas) {
  std::vector<int> ranks;
  for (int i = 0; i < replicas; ++i) ranks.push_back(rank / replicas * replicas + i);
  return ranks;
}

}  // namespace

ColumnParallelLinear::ColumnParallelLinear(RankContext& ctx, std::vector<OutputPart> parts, Index D,
                                           ColumnOptions options)
    : options_(options) {
  const int t = ctx.tp.size();
  Index local = 0;  // F/t
  int replicas = 1;
  for (const OutputPart& part : parts) {
    if (t % part.replicas != 0 || part.outputs % (t / part.replicas) != 0)
      usage_error(
          text(part.name, ": ", part.outputs, " outputs do not divide among --tp ", t, " ranks"));
    const Index count = part.outputs / (t / part.replicas);
    if (part.replicas > 1) {
      if (replicated_count_ == 0) replicated_first_ = local;
      replicated_count_ = local + count - replicated_first_;
      replicas = part.replicas;
    }
    local += count;
  }
  weight_ = make_parameter(ctx, {local, D}, options.dtype,
                           [=](int r) { return output_pieces(parts, ".weight", D, r, t); });
  if (options.bias)
    bias_ = make_parameter(ctx, {local}, options.dtype,
                           [=](int r) { return output_pieces(parts, ".bias", 0, r, t); });
  if (replicas > 1) replicas_ = ctx.tp.subgroup(neighbours(ctx.tp.rank(), replicas), "kv");
}

Tensor ColumnParallelLinear::forward(Tensor x, int microbatch, RankContext& ctx) {
  Tensor y(ctx.device, {x.size(0), local_outputs()}, x.dtype());  // [T,F/t]
  multiply(y, x, ctx);
  saved_[microbatch].x = x;
  return options_.gather_output ? gather_columns(y, ctx) : y;
}

Tensor ColumnParallelLinear::backward_input(Tensor dy, int microbatch, RankContext& ctx) {
  if (options_.gather_output) dy = own_columns(dy, ctx);  // [T,F/t]
  Tensor dx = input_gradient(dy, ctx);
  if (options_.sum_input_gradient) ctx.tp.all_reduce(dx, ctx.compute);
  kept(saved_, microbatch).dy = dy;
  return dx;
}

void ColumnParallelLinear::backward_weight(int microbatch, RankContext& ctx) {
  const Saved s = take(saved_, microbatch);
  add_weight_gradient(s.dy, s.x, ctx);
}

void ColumnParallelLinear::multiply(Tensor y, Tensor x, RankContext& ctx) {
  ctx.math.gemm(y, x, Transpose::no, weight_.value, Transpose::yes, {.name = "gemm y"},
                ctx.compute);
  if (options_.bias) ctx.math.add_bias(y, bias_.value, ctx.compute);
}

Tensor ColumnParallelLinear::input_gradient(Tensor dy, RankContext& ctx) {
  Tensor dx(ctx.device, {dy.size(0), weight_.value.size(1)}, dy.dtype());  // [T,D]
  ctx.math.gemm(dx, dy, Transpose::no, weight_.value, Transpose::no, {.name = "gemm dx"},
                ctx.compute);
  return dx;
}

void ColumnParallelLinear::add_weight_gradient(Tensor dy, Tensor x, RankContext& ctx) {
  ctx.math.gemm(weight_.grad, dy, Transpose::yes, x, Transpose::no, {.beta = 1, .name = "gemm dW"},
                ctx.compute);
  if (options_.bias) ctx.math.bias_backward(bias_.grad, dy, ctx.compute);
}

void ColumnParallelLinear::reduce_replicated_gradients(RankContext& ctx) {
  if (replicas_ == nullptr) return;
  replicas_->all_reduce(weight_.grad.slice(replicated_first_, replicated_count_), ctx.compute);
  if (options_.bias)
    replicas_->all_reduce(bias_.grad.slice(replicated_first_, replicated_count_), ctx.compute);
}

std::vector<Parameter*> ColumnParallelLinear::parameters() {
  if (options_.bias) return {&weight_, &bias_};
  return {&weight_};
}

GeluColumnLinear::GeluColumnLinear(RankContext& ctx, std::vector<OutputPart> parts, Index D,
                                   ColumnOptions options, GeluKind kind)
    : ColumnParallelLinear(ctx, std::move(parts), D, options), kind_(kind) {
  if (options.gather_output) fail("a fused GELU acts on split outputs, which nobody gathers");
}

Tensor GeluColumnLinear::forward(Tensor x, int microbatch, RankContext& ctx) {
  const Shape shape = {x.size(0), local_outputs()};  // [T,F/t]
  Tensor y(ctx.device, shape, x.dtype()), pre(ctx.device, shape, x.dtype());
  ctx.math.gemm_bias_gelu(y, pre, x, weight_.value, bias_.value, kind_, ctx.compute);
  saved_[microbatch].x = x;
  pre_[microbatch] = pre;
  return y;
}

Tensor GeluColumnLinear::backward_input(Tensor dy, int microbatch, RankContext& ctx) {
  Tensor dpre(ctx.device, dy.shape(), dy.dtype());  // [T,F/t]
  ctx.math.gelu_backward(dpre, dy, take(pre_, microbatch), kind_, ctx.compute);
  return ColumnParallelLinear::backward_input(dpre, microbatch, ctx);
}

void GeluColumnLinear::drop(int microbatch) {
  ColumnParallelLinear::drop(microbatch);
  pre_.erase(microbatch);
}

RowParallelLinear::RowParallelLinear(RankContext& ctx, const std::string& name, Index D, Index F,
                                     RowOptions options)
    : options_(options) {
  const Index part = share_of(D, (name + ": inputs").c_str(), ctx);  // D/t
  weight_ = make_parameter(ctx, {F, part}, options.dtype, [=](int r) -> std::vector<Piece> {
    return {{.name = name + ".weight",
             .full = {F, D},
             .dim = 1,
             .full_first = r * part,
             .count = part}};
  });
  if (options.bias)
    bias_ = make_parameter(ctx, {F}, options.dtype, replicated(name + ".bias", {F}));
}

Tensor RowParallelLinear::forward(Tensor x, int microbatch, RankContext& ctx) {
  if (!options_.input_is_parallel) x = own_columns(x, ctx);  // [T,D/t]
  Tensor y(ctx.device, {x.size(0), outputs()}, x.dtype());   // [T,F]
  multiply(y, x, ctx);
  if (options_.sum_output) {
    ctx.tp.all_reduce(y, ctx.compute);
    add_bias(y, ctx);
  }
  saved_[microbatch].x = x;
  return y;
}

Tensor RowParallelLinear::backward_input(Tensor dy, int microbatch, RankContext& ctx) {
  Tensor dx(ctx.device, {dy.size(0), inputs()}, dy.dtype());  // [T,D/t]
  input_gradient(dx, dy, ctx);
  kept(saved_, microbatch).dy = dy;
  return options_.input_is_parallel ? dx : gather_columns(dx, ctx);
}

void RowParallelLinear::backward_weight(int microbatch, RankContext& ctx) {
  const Saved s = take(saved_, microbatch);
  add_weight_gradient(s.dy, s.x, ctx);
}

void RowParallelLinear::multiply(Tensor y, Tensor x, RankContext& ctx) {
  ctx.math.gemm(y, x, Transpose::no, weight_.value, Transpose::yes, {.name = "gemm y"},
                ctx.compute);
}

void RowParallelLinear::add_bias(Tensor y, RankContext& ctx) {
  if (options_.bias) ctx.math.add_bias(y, bias_.value, ctx.compute);
}

void RowParallelLinear::input_gradient(Tensor dx, Tensor dy, RankContext& ctx) {
  ctx.math.gemm(dx, dy, Transpose::no, weight_.value, Transpose::no, {.name = "gemm dx"},
                ctx.compute);
}

void RowParallelLinear::add_weight_gradient(Tensor dy, Tensor x, RankContext& ctx) {
  ctx.math.gemm(weight_.grad, dy, Transpose::yes, x, Transpose::no, {.beta = 1, .name = "gemm dW"},
                ctx.compute);
  if (options_.bias) ctx.math.bias_backward(bias_.grad, dy, ctx.compute);
}

std::vector<Parameter*> RowParallelLinear::parameters() {
  if (options_.bias) return {&weight_, &bias_};
  return {&weight_};
}

}  // namespace shardpipe
