// Math: norms over the last dimension. T rows of D columns; stats, one row each, are f32.
// Flops an element: each add and multiply counts as 1; what is done once a row is not counted.
#include "core/tensor/math.h"
#include "core/tensor/op_builder.h"

namespace shardpipe {
namespace {

constexpr double kLayerNormFlops = 8;  // mean 1, variance 3, (x - mean) rstd gamma + beta 4
constexpr double kLayerNormBackwardInputFlops = 10;  // xhat 2, dy gamma 1, two sums 3, dx 4
constexpr double kLayerNormBackwardWeightFlops = 5;  // xhat 2, dgamma 2, dbeta 1
constexpr double kRmsNormFlops = 4;                  // squares 2, x rstd gamma 2
constexpr double kRmsNormBackwardInputFlops = 7;     // xhat 1, dy gamma 1, sum 2, dx 3
constexpr double kRmsNormBackwardWeightFlops = 3;    // xhat 1, dgamma 2

double count(const Tensor& tensor) { return static_cast<double>(tensor.elements()); }
Shape weight_shape(const Tensor& x) { return {x.shape().last()}; }  // [D]
Shape stats_shape(const Tensor& x, Index width) { return {row_count(x.shape()), width}; }

// n parts make n - 1 additions, x one more.
double additions(const Tensor& parts, const Tensor& bias) {
  return static_cast<double>(parts.size(0)) + (bias.empty() ? 0 : 1);
}

void check_parts(const char* op, const Tensor& parts, const Tensor& x) {
  const Shape& p = parts.shape();
  if (parts.empty() || p.dims() != 3 || p[0] < 1 || x.shape().dims() != 2 || p[1] != x.size(0) ||
      p[2] != x.size(1))
    fail(text(op, ": parts ", p, " should be [n,T,D] for x ", x.shape()));
}

OpBuilder& reads_parts(OpBuilder& op, const Tensor& parts, const Tensor& bias, const Tensor& x) {
  op.reads("parts", parts, parts.shape()).reads("x", x, x.shape());
  if (!bias.empty()) op.reads("bias", bias, weight_shape(x));
  return op;
}

}  // namespace

void Math::add_parts(Tensor h, Tensor parts, Tensor bias, Tensor x, OnStream on) {
  check_parts("add_parts", parts, x);
  OpBuilder op("add_parts", x);
  op.writes("h", h, x.shape());
  reads_parts(op, parts, bias, x);
  on.submit(op.info(additions(parts, bias) * count(x)),
            [&kernels = kernels_, &stream = on.stream, hv = h.view(), pv = parts.view(),
             bv = bias.view(), xv = x.view()] { kernels.add_parts(hv, pv, bv, xv, stream); });
}

void Math::add_norm(const AddNorm& a, OnStream on) {
  check_parts("add_norm", a.parts, a.x);
  const bool is_rms = a.beta.empty();
  OpBuilder op(is_rms ? "add_rms_norm" : "add_layer_norm", a.x);
  op.writes("h", a.h, a.x.shape())
      .writes("y", a.y, a.x.shape())
      .writes("stats", a.stats, stats_shape(a.x, is_rms ? 1 : 2), DType::f32);
  reads_parts(op, a.parts, a.bias, a.x).reads("gamma", a.gamma, weight_shape(a.x));
  if (!is_rms) op.reads("beta", a.beta, weight_shape(a.x));
  const double norm = is_rms ? kRmsNormFlops : kLayerNormFlops;
  on.submit(op.info((additions(a.parts, a.bias) + norm) * count(a.x)),
            [&kernels = kernels_, &stream = on.stream,
             call = AddNormCall{.h = a.h.view(),
                                .y = a.y.view(),
                                .stats = a.stats.view(),
                                .parts = a.parts.view(),
                                .bias = a.bias.view(),
                                .x = a.x.view(),
                                .gamma = a.gamma.view(),
                                .beta = a.beta.view(),
                                .epsilon = a.epsilon}] { kernels.add_norm(call, stream); });
}

void Math::add_norm_backward_input(const AddNormBackward& a, OnStream on) {
  const bool is_rms = a.stats.shape().last() == 1;
  OpBuilder op(is_rms ? "add_rms_norm_backward_input" : "add_layer_norm_backward_input", a.h);
  op.writes("dh", a.dh, a.h.shape())
      .reads("dy", a.dy, a.h.shape())
      .reads("dsum", a.dsum, a.h.shape())
      .reads("h", a.h, a.h.shape())
      .reads("stats", a.stats, stats_shape(a.h, is_rms ? 1 : 2), DType::f32)
      .reads("gamma", a.gamma, weight_shape(a.h));
  const double norm = is_rms ? kRmsNormBackwardInputFlops : kLayerNormBackwardInputFlops;
  on.submit(op.info((1 + norm) * count(a.h)), [&kernels = kernels_, &stream = on.stream,
                                               call = AddNormBackwardCall{.dh = a.dh.view(),
                                                                          .dy = a.dy.view(),
                                                                          .dsum = a.dsum.view(),
                                                                          .h = a.h.view(),
                                                                          .stats = a.stats.view(),
                                                                          .gamma = a.gamma.view(),
                                                                          .is_rms = is_rms}] {
    kernels.add_norm_backward_input(call, stream);
  });
}

void Math::layer_norm(Tensor y, Tensor stats, Tensor x, Tensor gamma, Tensor beta, float epsilon,
                      OnStream on) {
  OpBuilder op("layer_norm", x);
  op.writes("y", y, x.shape())
      .writes("stats", stats, stats_shape(x, 2), DType::f32)
      .reads("x", x, x.shape())
      .reads("gamma", gamma, weight_shape(x))
      .reads("beta", beta, weight_shape(x));
  on.submit(op.info(kLayerNormFlops * count(x)),
            [&kernels = kernels_, &stream = on.stream, yv = y.view(), sv = stats.view(),
             xv = x.view(), gv = gamma.view(), bv = beta.view(),
             epsilon] { kernels.layer_norm(yv, sv, xv, gv, bv, epsilon, stream); });
}

void Math::layer_norm_backward_input(Tensor dx, Tensor dy, Tensor x, Tensor stats, Tensor gamma,
                                     OnStream on) {
  OpBuilder op("layer_norm_backward_input", x);
  op.writes("dx", dx, x.shape())
      .reads("dy", dy, x.shape())
      .reads("x", x, x.shape())
      .reads("stats", stats, stats_shape(x, 2), DType::f32)
      .reads("gamma", gamma, weight_shape(x));
  on.submit(op.info(kLayerNormBackwardInputFlops * count(x)),
            [&kernels = kernels_, &stream = on.stream, dxv = dx.view(), dyv = dy.view(),
             xv = x.view(), sv = stats.view(), gv = gamma.view()] {
              kernels.layer_norm_backward_input(dxv, dyv, xv, sv, gv, stream);
            });
}

void Math::layer_norm_backward_weight(Tensor dgamma, Tensor dbeta, Tensor dy, Tensor x,
                                      Tensor stats, OnStream on) {
  OpBuilder op("layer_norm_backward_weight", x);
  op.accumulates("dgamma", dgamma, weight_shape(x))
      .accumulates("dbeta", dbeta, weight_shape(x))
      .reads("dy", dy, x.shape())
      .reads("x", x, x.shape())
      .reads("stats", stats, stats_shape(x, 2), DType::f32);
  on.submit(op.info(kLayerNormBackwardWeightFlops * count(x)),
            [&kernels = kernels_, &stream = on.stream, dgv = dgamma.view(), dbv = dbeta.view(),
             dyv = dy.view(), xv = x.view(), sv = stats.view()] {
              kernels.layer_norm_backward_weight(dgv, dbv, dyv, xv, sv, stream);
            });
}

void Math::rms_norm(Tensor y, Tensor stats, Tensor x, Tensor gamma, float epsilon, OnStream on) {
  OpBuilder op("rms_norm", x);
  op.writes("y", y, x.shape())
      .writes("stats", stats, stats_shape(x, 1), DType::f32)
      .reads("x", x, x.shape())
      .reads("gamma", gamma, weight_shape(x));
  on.submit(
      op.info(kRmsNormFlops * count(x)),
      [&kernels = kernels_, &stream = on.stream, yv = y.view(), sv = stats.view(), xv = x.view(),
       gv = gamma.view(), epsilon] { kernels.rms_norm(yv, sv, xv, gv, epsilon, stream); });
}

void Math::rms_norm_backward_input(Tensor dx, Tensor dy, Tensor x, Tensor stats, Tensor gamma,
                                   OnStream on) {
  OpBuilder op("rms_norm_backward_input", x);
  op.writes("dx", dx, x.shape())
      .reads("dy", dy, x.shape())
      .reads("x", x, x.shape())
      .reads("stats", stats, stats_shape(x, 1), DType::f32)
      .reads("gamma", gamma, weight_shape(x));
  on.submit(op.info(kRmsNormBackwardInputFlops * count(x)),
            [&kernels = kernels_, &stream = on.stream, dxv = dx.view(), dyv = dy.view(),
             xv = x.view(), sv = stats.view(),
             gv = gamma.view()] { kernels.rms_norm_backward_input(dxv, dyv, xv, sv, gv, stream); });
}

void Math::rms_norm_backward_weight(Tensor dgamma, Tensor dy, Tensor x, Tensor stats, OnStream on) {
  OpBuilder op("rms_norm_backward_weight", x);
  op.accumulates("dgamma", dgamma, weight_shape(x))
      .reads("dy", dy, x.shape())
      .reads("x", x, x.shape())
      .reads("stats", stats, stats_shape(x, 1), DType::f32);
  on.submit(op.info(kRmsNormBackwardWeightFlops * count(x)),
            [&kernels = kernels_, &stream = on.stream, dgv = dgamma.view(), dyv = dy.view(),
             xv = x.view(),
             sv = stats.view()] { kernels.rms_norm_backward_weight(dgv, dyv, xv, sv, stream); });
}

}  // namespace shardpipe
