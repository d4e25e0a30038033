// Math: gemm. Letters as in math.h.
#include <algorithm>

#include "core/tensor/gelu_flops.h"
#include "core/tensor/math.h"
#include "core/tensor/op_builder.h"

namespace shardpipe {
namespace {

const char* mark(Transpose op) { return op == Transpose::yes ? "^T" : ""; }

// b without the rows of each batch entry that are not used.
Shape used_rows(const Shape& b, Index rows) {
  const int dims = b.dims();
  if (rows == 0 || dims < 2) return b;
  if (rows < 0 || rows > b[-2]) fail(text("gemm: b_rows is ", rows, ", b is ", b));
  if (dims == 2) return {rows, b[-1]};
  if (dims == 3) return {b[0], rows, b[-1]};
  return {b[0], b[1], rows, b[-1]};
}

// The shape of op(a) op(b), or of the mistake: a negative m says that they do not fit.
struct Product {
  Index batch = 1, m = -1, n = 0, k = 0;
};

Product product_of(const Shape& a, Transpose op_a, const Shape& b, Transpose op_b,
                   const Shape& out) {
  const int dims = a.dims();
  if (dims < 2 || b.dims() != dims || out.dims() != dims) return {};
  Product p;
  for (int i = 0; i < dims - 2; ++i) {
    if (a[i] != b[i] || a[i] != out[i]) return {};
    p.batch *= a[i];
  }
  const bool turn_a = op_a == Transpose::yes, turn_b = op_b == Transpose::yes;
  p.k = turn_a ? a[-2] : a[-1];
  p.n = turn_b ? b[-2] : b[-1];
  const Index m = turn_a ? a[-1] : a[-2];
  const bool fits = (turn_b ? b[-1] : b[-2]) == p.k && out[-2] == m && out[-1] == p.n;
  p.m = fits ? m : -1;
  return p;
}

}  // namespace

void Math::gemm(Tensor out, Tensor a, Transpose op_a, Tensor b, Transpose op_b, GemmOptions options,
                OnStream on) {
  const Shape used_b = used_rows(b.shape(), options.b_rows);
  const Product p = product_of(a.shape(), op_a, used_b, op_b, out.shape());
  if (p.m < 0)
    fail(text("gemm: ", a.shape(), mark(op_a), " x ", used_b, mark(op_b), " does not give ",
              out.shape()));
  OpBuilder op("gemm", a);
  if (options.beta == 0)
    op.writes_f32_or_main("out", out, out.shape());
  else
    op.accumulates("out", out, out.shape());
  op.reads("a", a, a.shape()).reads("b", b, b.shape());
  OpInfo info = op.info(2.0 * static_cast<double>(p.batch) * static_cast<double>(p.m) *
                        static_cast<double>(p.n) * static_cast<double>(p.k));
  info.name = options.name;
  info.dims.inner = static_cast<std::int32_t>(p.k);
  info.bytes -= b.bytes() - used_b.elements() * size_of(b.dtype());
  on.submit(std::move(info),
            [&kernels = kernels_, &stream = on.stream,
             call = GemmCall{.out = out.view(),
                             .a = a.view(),
                             .b = b.view(),
                             .op_a = op_a,
                             .op_b = op_b,
                             .batch = p.batch,
                             .m = p.m,
                             .n = p.n,
                             .k = p.k,
                             .stride_b = b.elements() / std::max<Index>(p.batch, 1),
                             .alpha = options.alpha,
                             .beta = options.beta}] { kernels.gemm(call, stream); });
}

void Math::gemm_bias_gelu(Tensor y, Tensor pre, Tensor a, Tensor b, Tensor bias, GeluKind kind,
                          OnStream on) {
  const Product p = product_of(a.shape(), Transpose::no, b.shape(), Transpose::yes, pre.shape());
  if (p.m < 0 || a.shape().dims() != 2)
    fail(text("gemm_bias_gelu: ", a.shape(), " x ", b.shape(), "^T does not give ", pre.shape()));
  OpBuilder op("gemm_bias_gelu", a);
  op.writes("y", y, pre.shape())
      .writes("pre", pre, pre.shape())
      .reads("a", a, a.shape())
      .reads("b", b, b.shape());
  if (!bias.empty()) op.reads("bias", bias, {p.n});
  const double results = static_cast<double>(p.m) * static_cast<double>(p.n);
  const double each = 2.0 * static_cast<double>(p.k) + (bias.empty() ? 0 : 1) + gelu_flops(kind);
  OpInfo info = op.info(each * results);
  info.dims.inner = static_cast<std::int32_t>(p.k);
  on.submit(std::move(info),
            [&kernels = kernels_, &stream = on.stream, yv = y.view(), bv = bias.view(), kind,
             call = GemmCall{.out = pre.view(),
                             .a = a.view(),
                             .b = b.view(),
                             .op_b = Transpose::yes,
                             .m = p.m,
                             .n = p.n,
                             .k = p.k,
                             .stride_b = b.elements()}] {
              kernels.gemm_bias_gelu(yv, call, bv, kind, stream);
            });
}

}  // namespace shardpipe
