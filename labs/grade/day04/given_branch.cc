#include "labs/grade/day04/given_branch.h"

namespace shardpipe {
namespace {

Table diagonal(const Table& row) {
  Table out(row.columns, row.columns);
  for (Index i = 0; i < row.columns; ++i) out(i, i) = row(0, i);
  return out;
}

Tensor zeros(const Tensor& like, RankContext& ctx) {
  const Tensor out(ctx.device, like.shape());
  ctx.math.fill(out, 0, ctx.compute);
  return out;
}

}  // namespace

GivenBranch::GivenBranch(const BranchTables& w, RankContext& ctx) : ctx_(ctx) {
  const int rank = ctx.tp.rank(), t = ctx.tp.size();
  const auto whole = [&](const Table& table) { return upload(table, all_of(table), ctx); };
  scale_ = whole(diagonal(w.scale));
  shift_ = whole(w.shift);
  mix_ = whole(w.mix);
  column_ = upload(w.column, rows_part(w.column, rank, t), ctx);
  row_ = upload(w.row, columns_part(w.row, rank, t), ctx);
  bias_ = whole(w.bias);
  scale_gradient_ = zeros(shift_, ctx);
  shift_gradient_ = zeros(shift_, ctx);
  column_gradient_ = zeros(column_, ctx);
  row_gradient_ = zeros(row_, ctx);
  bias_gradient_ = zeros(bias_, ctx);
}

BranchLayers GivenBranch::layers() {
  return {.norm = [this](const Tensor& x) { return norm(x); },
          .inner = [this](const Tensor& normed) { return inner(normed); },
          .inner_backward = [this](const Tensor& dy) { return inner_backward(dy); },
          .norm_backward = [this](const Tensor& dnormed) { return norm_backward(dnormed); },
          .inner_weights = [this](const Tensor& n, const Tensor& dy) { inner_weights(n, dy); },
          .bias = bias_,
          .bias_gradient = bias_gradient_};
}

Tensor GivenBranch::product(const Tensor& a, Transpose op_a, const Tensor& b, Transpose op_b) {
  const Index rows = a.size(op_a == Transpose::no ? 0 : 1);
  const Tensor out(ctx_.device, {rows, b.size(op_b == Transpose::no ? 1 : 0)});
  ctx_.math.gemm(out, a, op_a, b, op_b, {}, ctx_.compute);
  return out;
}

Tensor GivenBranch::norm(const Tensor& x) {
  x_ = x;
  const Tensor normed = product(x, Transpose::no, scale_, Transpose::no);
  ctx_.math.add_bias(normed, shift_, ctx_.compute);
  return normed;
}

Tensor GivenBranch::inner(const Tensor& normed) {
  const Tensor pre = product(normed, Transpose::no, column_, Transpose::yes);
  hidden_ = product(mix_, Transpose::no, pre, Transpose::no);
  return product(hidden_, Transpose::no, row_, Transpose::yes);
}

Tensor GivenBranch::inner_backward(const Tensor& dy) {
  const Tensor dhidden = product(dy, Transpose::no, row_, Transpose::no);
  dpre_ = product(mix_, Transpose::yes, dhidden, Transpose::no);
  return product(dpre_, Transpose::no, column_, Transpose::no);
}

Tensor GivenBranch::norm_backward(const Tensor& dnormed) {
  // The sum over tokens of dnormed x is that of an RMS norm whose root is 1.
  const Tensor ones(ctx_.device, {dnormed.size(0), 1});
  ctx_.math.fill(ones, 1, ctx_.compute);
  ctx_.math.rms_norm_backward_weight(scale_gradient_, dnormed, x_, ones, ctx_.compute);
  ctx_.math.bias_backward(shift_gradient_, dnormed, ctx_.compute);
  return product(dnormed, Transpose::no, scale_, Transpose::no);
}

void GivenBranch::inner_weights(const Tensor& normed, const Tensor& dy) {
  const auto add = [&](const Tensor& to, const Tensor& a, const Tensor& b) {
    ctx_.math.gemm(to, a, Transpose::yes, b, Transpose::no, {.beta = 1}, ctx_.compute);
  };
  add(column_gradient_, dpre_, normed);
  add(row_gradient_, dy, hidden_);
}

HeldTensors GivenBranch::held(const std::string& prefix) const {
  return {{prefix + "gradient of the norm's scale", scale_gradient_},
          {prefix + "gradient of the norm's shift", shift_gradient_},
          {prefix + "gradient of the first weight", column_gradient_},
          {prefix + "gradient of the second weight", row_gradient_},
          {prefix + "gradient of the bias", bias_gradient_},
          {prefix + "bias", bias_}};
}

std::map<std::string, Wanted64> GivenBranch::wanted_of(const std::string& prefix,
                                                       const BranchTables& whole,
                                                       const BranchTables& g, int rank, int t,
                                                       double n) {
  return {
      {prefix + "gradient of the norm's scale", wanted(g.scale, all_of(g.scale), n)},
      {prefix + "gradient of the norm's shift", wanted(g.shift, all_of(g.shift), n)},
      {prefix + "gradient of the first weight", wanted(g.column, rows_part(g.column, rank, t), n)},
      {prefix + "gradient of the second weight", wanted(g.row, columns_part(g.row, rank, t), n)},
      {prefix + "gradient of the bias", wanted(g.bias, all_of(g.bias), n)},
      {prefix + "bias", wanted(whole.bias, all_of(whole.bias), 0)}};
}

Index GivenBranch::elements(int t) {
  const Index T = kOwnTokens * t, D = kBranchFeatures, f = kInnerShard;
  const Index weights = 2 * f * D + 2 * D;  // beside scale and mix
  return D * D + T * T + 2 * weights + D + 2 * T * f;
}

}  // namespace shardpipe
