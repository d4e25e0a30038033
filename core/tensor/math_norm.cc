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

}  // namespace

void Math::layer_norm(Tensor y, Tensor stats, Tensor x, Tensor gamma, Tensor beta, float epsilon,
                      Stream& stream) {
  OpBuilder op("layer_norm", x);
  op.writes("y", y, x.shape())
      .writes("stats", stats, stats_shape(x, 2), DType::f32)
      .reads("x", x, x.shape())
      .reads("gamma", gamma, weight_shape(x))
      .reads("beta", beta, weight_shape(x));
  stream.submit(op.info(kLayerNormFlops * count(x)),
                [&kernels = kernels_, &stream, yv = y.view(), sv = stats.view(), xv = x.view(),
                 gv = gamma.view(), bv = beta.view(),
                 epsilon] { kernels.layer_norm(yv, sv, xv, gv, bv, epsilon, stream); });
}

void Math::layer_norm_backward_input(Tensor dx, Tensor dy, Tensor x, Tensor stats, Tensor gamma,
                                     Stream& stream) {
  OpBuilder op("layer_norm_backward_input", x);
  op.writes("dx", dx, x.shape())
      .reads("dy", dy, x.shape())
      .reads("x", x, x.shape())
      .reads("stats", stats, stats_shape(x, 2), DType::f32)
      .reads("gamma", gamma, weight_shape(x));
  stream.submit(op.info(kLayerNormBackwardInputFlops * count(x)),
                [&kernels = kernels_, &stream, dxv = dx.view(), dyv = dy.view(), xv = x.view(),
                 sv = stats.view(), gv = gamma.view()] {
                  kernels.layer_norm_backward_input(dxv, dyv, xv, sv, gv, stream);
                });
}

void Math::layer_norm_backward_weight(Tensor dgamma, Tensor dbeta, Tensor dy, Tensor x,
                                      Tensor stats, Stream& stream) {
  OpBuilder op("layer_norm_backward_weight", x);
  op.updates("dgamma", dgamma, weight_shape(x))
      .updates("dbeta", dbeta, weight_shape(x))
      .reads("dy", dy, x.shape())
      .reads("x", x, x.shape())
      .reads("stats", stats, stats_shape(x, 2), DType::f32);
  stream.submit(op.info(kLayerNormBackwardWeightFlops * count(x)),
                [&kernels = kernels_, &stream, dgv = dgamma.view(), dbv = dbeta.view(),
                 dyv = dy.view(), xv = x.view(), sv = stats.view()] {
                  kernels.layer_norm_backward_weight(dgv, dbv, dyv, xv, sv, stream);
                });
}

void Math::rms_norm(Tensor y, Tensor stats, Tensor x, Tensor gamma, float epsilon, Stream& stream) {
  OpBuilder op("rms_norm", x);
  op.writes("y", y, x.shape())
      .writes("stats", stats, stats_shape(x, 1), DType::f32)
      .reads("x", x, x.shape())
      .reads("gamma", gamma, weight_shape(x));
  stream.submit(
      op.info(kRmsNormFlops * count(x)),
      [&kernels = kernels_, &stream, yv = y.view(), sv = stats.view(), xv = x.view(),
       gv = gamma.view(), epsilon] { kernels.rms_norm(yv, sv, xv, gv, epsilon, stream); });
}

void Math::rms_norm_backward_input(Tensor dx, Tensor dy, Tensor x, Tensor stats, Tensor gamma,
                                   Stream& stream) {
  OpBuilder op("rms_norm_backward_input", x);
  op.writes("dx", dx, x.shape())
      .reads("dy", dy, x.shape())
      .reads("x", x, x.shape())
      .reads("stats", stats, stats_shape(x, 1), DType::f32)
      .reads("gamma", gamma, weight_shape(x));
  stream.submit(op.info(kRmsNormBackwardInputFlops * count(x)),
                [&kernels = kernels_, &stream, dxv = dx.view(), dyv = dy.view(), xv = x.view(),
                 sv = stats.view(), gv = gamma.view()] {
                  kernels.rms_norm_backward_input(dxv, dyv, xv, sv, gv, stream);
                });
}

void Math::rms_norm_backward_weight(Tensor dgamma, Tensor dy, Tensor x, Tensor stats,
                                    Stream& stream) {
  OpBuilder op("rms_norm_backward_weight", x);
  op.updates("dgamma", dgamma, weight_shape(x))
      .reads("dy", dy, x.shape())
      .reads("x", x, x.shape())
      .reads("stats", stats, stats_shape(x, 1), DType::f32);
  stream.submit(
      op.info(kRmsNormBackwardWeightFlops * count(x)),
      [&kernels = kernels_, &stream, dgv = dgamma.view(), dyv = dy.view(), xv = x.view(),
       sv = stats.view()] { kernels.rms_norm_backward_weight(dgv, dyv, xv, sv, stream); });
}

}  // namespace shardpipe
