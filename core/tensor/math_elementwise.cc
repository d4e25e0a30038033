// Math: element-wise operations. Letters as in math.h.
// Flops an element: each add, multiply, divide, exp, tanh and erf counts as 1.
#include "core/tensor/gelu_flops.h"
#include "core/tensor/math.h"
#include "core/tensor/op_builder.h"

namespace shardpipe {
namespace {

constexpr double kGeluTanhBackwardFlops = 17;  // as above, 1 - tanh^2, the inner derivative
constexpr double kGeluErfBackwardFlops = 11;   // cdf 4, pdf 4, dy (cdf + x pdf)
constexpr double kSiluGateFlops = 4;           // g / (1 + exp(-g)) * u
constexpr double kSiluGateBackwardFlops = 11;  // sigmoid 3, dup 2, dgate 6

double count(const Tensor& tensor) { return static_cast<double>(tensor.elements()); }

// gate_up [T,2F] for y [T,F].
Shape gate_up_shape(const char* op, const Tensor& y, const Tensor& gate_up) {
  const Index rows = row_count(y.shape()), F = y.shape().last();
  if (row_count(gate_up.shape()) != rows || gate_up.shape().last() != 2 * F)
    fail(text(op, ": gate_up ", gate_up.shape(), " should have ", rows, " rows of ", 2 * F,
              " columns for ", y.shape()));
  return gate_up.shape();
}

}  // namespace

void Math::add(Tensor out, Tensor a, Tensor b, OnStream on) {
  OpBuilder op("add", out);
  op.writes("out", out, out.shape())
      .reads_in_place("a", a, out.shape())
      .reads_in_place("b", b, out.shape());
  on.submit(op.info(count(out)), [&kernels = kernels_, &stream = on.stream, sum = out.view(),
                                  x = a.view(), y = b.view()] { kernels.add(sum, x, y, stream); });
}

void Math::reduce_local(Tensor out, Tensor a, Tensor b, ReduceOp op, OnStream on) {
  OpBuilder info("reduce_local", out.dtype());
  info.writes("out", out, out.shape())
      .reads_in_place("a", a, out.shape())
      .reads_in_place("b", b, out.shape());
  on.submit(info.info(count(out)),
            [&kernels = kernels_, &stream = on.stream, to = out.view(), x = a.view(), y = b.view(),
             op] { kernels.reduce_local(to, x, y, op, stream); });
}

void Math::scale(Tensor out, Tensor in, float factor, OnStream on) {
  OpBuilder op("scale", out);
  op.writes("out", out, out.shape()).reads_in_place("in", in, out.shape());
  on.submit(op.info(count(out)),
            [&kernels = kernels_, &stream = on.stream, to = out.view(), from = in.view(), factor] {
              kernels.scale(to, from, factor, stream);
            });
}

void Math::add_bias(Tensor y, Tensor bias, OnStream on) {
  OpBuilder op("add_bias", y);
  op.updates("y", y, y.shape()).reads("bias", bias, {y.shape().last()});
  on.submit(op.info(count(y)), [&kernels = kernels_, &stream = on.stream, yv = y.view(),
                                bv = bias.view()] { kernels.add_bias(yv, bv, stream); });
}

void Math::bias_backward(Tensor dbias, Tensor dy, OnStream on) {
  OpBuilder op("bias_backward", dy);
  op.accumulates("dbias", dbias, {dy.shape().last()}).reads("dy", dy, dy.shape());
  on.submit(op.info(count(dy)), [&kernels = kernels_, &stream = on.stream, dbv = dbias.view(),
                                 dyv = dy.view()] { kernels.bias_backward(dbv, dyv, stream); });
}

void Math::gelu(Tensor y, Tensor x, GeluKind kind, OnStream on) {
  OpBuilder op("gelu", x);
  op.writes("y", y, x.shape()).reads("x", x, x.shape());
  on.submit(op.info(gelu_flops(kind) * count(x)),
            [&kernels = kernels_, &stream = on.stream, yv = y.view(), xv = x.view(), kind] {
              kernels.gelu(yv, xv, kind, stream);
            });
}

void Math::gelu_backward(Tensor dx, Tensor dy, Tensor x, GeluKind kind, OnStream on) {
  const double flops = kind == GeluKind::tanh ? kGeluTanhBackwardFlops : kGeluErfBackwardFlops;
  OpBuilder op("gelu_backward", x);
  op.writes("dx", dx, x.shape()).reads("dy", dy, x.shape()).reads("x", x, x.shape());
  on.submit(op.info(flops * count(x)),
            [&kernels = kernels_, &stream = on.stream, dxv = dx.view(), dyv = dy.view(),
             xv = x.view(), kind] { kernels.gelu_backward(dxv, dyv, xv, kind, stream); });
}

void Math::silu_gate(Tensor y, Tensor gate_up, OnStream on) {
  OpBuilder op("silu_gate", y);
  op.writes("y", y, y.shape()).reads("gate_up", gate_up, gate_up_shape("silu_gate", y, gate_up));
  on.submit(op.info(kSiluGateFlops * count(y)),
            [&kernels = kernels_, &stream = on.stream, yv = y.view(), gv = gate_up.view()] {
              kernels.silu_gate(yv, gv, stream);
            });
}

void Math::silu_gate_backward(Tensor dgate_up, Tensor dy, Tensor gate_up, OnStream on) {
  const Shape shape = gate_up_shape("silu_gate_backward", dy, gate_up);
  OpBuilder op("silu_gate_backward", dy);
  op.writes("dgate_up", dgate_up, shape)
      .reads("dy", dy, dy.shape())
      .reads("gate_up", gate_up, shape);
  on.submit(op.info(kSiluGateBackwardFlops * count(dy)),
            [&kernels = kernels_, &stream = on.stream, dgv = dgate_up.view(), dyv = dy.view(),
             gv = gate_up.view()] { kernels.silu_gate_backward(dgv, dyv, gv, stream); });
}

}  // namespace shardpipe
