// Math: moving elements within a device. No flops; bytes = what is moved, read once and written
// once. Letters as in math.h.
#include "core/tensor/math.h"
#include "core/tensor/op_builder.h"

namespace shardpipe {
namespace {

void check_columns(const char* name, const Tensor& tensor, Index first, Index count) {
  if (first < 0 || count < 0 || first + count > tensor.shape().last())
    fail(text("copy_columns: ", count, " columns from ", first, " are outside of ", name, " ",
              tensor.shape()));
}

// parts [n,T,F] and whole [T,n*F] must fit.
void check_parts(const char* op, const Tensor& parts, const Tensor& whole) {
  const Shape& p = parts.shape();
  if (p.dims() != 3 || !(whole.shape() == Shape{p[1], p[0] * p[2]}))
    fail(text(op, ": parts ", p, " [n,T,F] do not make up ", whole.shape(), " [T,n*F]"));
}

}  // namespace

void Math::fill(Tensor out, float value, OnStream on) {
  OpBuilder op("fill", out.dtype());
  op.writes("out", out, out.shape());
  on.submit(op.info(0), [&kernels = kernels_, &stream = on.stream, to = out.view(), value] {
    kernels.fill(to, value, stream);
  });
}

void Math::copy(Tensor out, Tensor in, OnStream on) {
  if (out.elements() != in.elements())
    fail(text("copy: out ", out.shape(), " has ", out.elements(), " elements, in ", in.shape(),
              " has ", in.elements()));
  const bool integers = in.dtype() == DType::i32;
  if (integers != (out.dtype() == DType::i32))
    fail(text("copy: ", name_of(in.dtype()), " does not convert to ", name_of(out.dtype()),
              " (f32 and bf16 do)"));
  OpBuilder op("copy", in.dtype());
  op.writes("out", out, out.shape(), out.dtype()).reads("in", in, in.shape());
  on.submit(op.info(0), [&kernels = kernels_, &stream = on.stream, to = out.view(),
                         from = in.view()] { kernels.copy(to, from, stream); });
}

void Math::copy_columns(Tensor out, Index out_first, Tensor in, Index in_first, Index count,
                        OnStream on) {
  const Index rows = row_count(in.shape());
  if (row_count(out.shape()) != rows)
    fail(text("copy_columns: out ", out.shape(), " and in ", in.shape(), " differ in rows"));
  check_columns("out", out, out_first, count);
  check_columns("in", in, in_first, count);
  OpBuilder op("copy_columns", in.dtype());
  op.writes("out", out, out.shape()).reads("in", in, in.shape());
  on.submit(
      op.info(0, 2 * rows * count * size_of(in.dtype())),
      [&kernels = kernels_, &stream = on.stream, to = out.view(), out_first, from = in.view(),
       in_first, count] { kernels.copy_columns(to, out_first, from, in_first, count, stream); });
}

void Math::concat_columns(Tensor out, Tensor in, OnStream on) {
  check_parts("concat_columns", in, out);
  OpBuilder op("concat_columns", in.dtype());
  op.writes("out", out, out.shape()).reads("in", in, in.shape());
  on.submit(op.info(0), [&kernels = kernels_, &stream = on.stream, to = out.view(),
                         from = in.view()] { kernels.concat_columns(to, from, stream); });
}

void Math::split_columns(Tensor out, Tensor in, OnStream on) {
  check_parts("split_columns", out, in);
  OpBuilder op("split_columns", in.dtype());
  op.writes("out", out, out.shape()).reads("in", in, in.shape());
  on.submit(op.info(0), [&kernels = kernels_, &stream = on.stream, to = out.view(),
                         from = in.view()] { kernels.split_columns(to, from, stream); });
}

}  // namespace shardpipe
