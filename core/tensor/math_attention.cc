// Math: the parts of attention that are no gemm. B sequences, H heads, S positions, C head
// dimension, N = B * kv heads.
#include "core/tensor/math.h"
#include "core/tensor/op_builder.h"

namespace shardpipe {
namespace {

constexpr double kSoftmaxFlops = 5;          // max, subtract, exp, sum, multiply
constexpr double kSoftmaxBackwardFlops = 4;  // sum of dp p 2, p (dp - sum) 2
constexpr double kRotaryFlops = 3;           // a pair: 4 multiplies, 2 adds

// Elements of scores [N,R,S] that queries see: first+1, first+2, .. S for each S - first rows.
double visible_elements(const char* op, const Tensor& scores, Index first) {
  const Shape& shape = scores.shape();
  const Index queries = shape.dims() == 3 ? shape[2] - first : -1;
  const bool fits =
      first >= 0 && (queries > 0 ? shape[1] % queries == 0 : queries == 0 && first == 0);
  if (!fits)
    fail(text(op, ": ", shape, " is not [N,R,S] with R a multiple of S",
              first == 0 ? std::string() : text(" - ", first)));
  return 0.5 * static_cast<double>(shape[0] * shape[1]) * static_cast<double>(first + 1 + shape[2]);
}

// heads [B,H,S,C] against columns first .. first + H*C of x [B*S,W].
void check_heads(const char* op, const Tensor& heads, const Tensor& x, Index first) {
  const Shape &h = heads.shape(), &xs = x.shape();
  const bool fits = h.dims() == 4 && xs.dims() == 2 && xs[0] == h[0] * h[2] && first >= 0 &&
                    first + h[1] * h[3] <= xs[1];
  if (!fits)
    fail(text(op, ": heads ", h, " [B,H,S,C] from column ", first, " do not fit x ", xs,
              " [B*S,W]"));
}

}  // namespace

void Math::causal_softmax(Tensor p, Tensor scores, Index first, OnStream on) {
  const double visible = visible_elements("causal_softmax", scores, first);
  OpBuilder op("causal_softmax", scores);
  op.writes("p", p, scores.shape()).reads_in_place("scores", scores, scores.shape());
  on.submit(op.info(kSoftmaxFlops * visible),
            [&kernels = kernels_, &stream = on.stream, pv = p.view(), sv = scores.view(), first] {
              kernels.causal_softmax(pv, sv, first, stream);
            });
}

void Math::causal_softmax_backward(Tensor dscores, Tensor dp, Tensor p, OnStream on) {
  const double visible = visible_elements("causal_softmax_backward", p, 0);
  OpBuilder op("causal_softmax_backward", p);
  op.writes("dscores", dscores, p.shape())
      .reads_in_place("dp", dp, p.shape())
      .reads_in_place("p", p, p.shape());
  on.submit(op.info(kSoftmaxBackwardFlops * visible),
            [&kernels = kernels_, &stream = on.stream, dsv = dscores.view(), dpv = dp.view(),
             pv = p.view()] { kernels.causal_softmax_backward(dsv, dpv, pv, stream); });
}

void Math::rotary(Tensor y, Tensor x, float theta, bool inverse, Index first, OnStream on) {
  if (x.shape().dims() != 4 || x.shape().last() % 2 != 0)
    fail(text("rotary: ", x.shape(), " is not [B,H,S,C] with C even"));
  if (first < 0) fail(text("rotary: first position ", first, " is negative"));
  OpBuilder op("rotary", x);
  op.writes("y", y, x.shape()).reads_in_place("x", x, x.shape());
  on.submit(op.info(kRotaryFlops * static_cast<double>(x.elements())),
            [&kernels = kernels_, &stream = on.stream, yv = y.view(), xv = x.view(), theta, inverse,
             first] { kernels.rotary(yv, xv, theta, inverse, first, stream); });
}

void Math::split_heads(Tensor heads, Tensor x, Index first_column, OnStream on) {
  check_heads("split_heads", heads, x, first_column);
  OpBuilder op("split_heads", x.dtype());
  op.writes("heads", heads, heads.shape()).reads("x", x, x.shape());
  on.submit(op.info(0, 2 * heads.bytes()),
            [&kernels = kernels_, &stream = on.stream, hv = heads.view(), xv = x.view(),
             first_column] { kernels.split_heads(hv, xv, first_column, stream); });
}

void Math::merge_heads(Tensor x, Tensor heads, Index first_column, OnStream on) {
  check_heads("merge_heads", heads, x, first_column);
  OpBuilder op("merge_heads", heads.dtype());
  op.writes("x", x, x.shape()).reads("heads", heads, heads.shape());
  on.submit(op.info(0, 2 * heads.bytes()),
            [&kernels = kernels_, &stream = on.stream, xv = x.view(), hv = heads.view(),
             first_column] { kernels.merge_heads(xv, hv, first_column, stream); });
}

}  // namespace shardpipe
