// Math: embedding and the pieces of cross entropy. T tokens, V columns of the vocabulary on this
// rank (of which the first `columns` count), D columns of the model.
#include "core/tensor/math.h"
#include "core/tensor/op_builder.h"

namespace shardpipe {
namespace {

constexpr double kCrossEntropyFlops = 4;         // log, add, subtract, sum
constexpr Index kLargestCount = Index{1} << 24;  // f32 holds all integers up to this one

Shape rows_of(const Tensor& x) { return {row_count(x.shape())}; }  // [T]

void check_columns(const char* op, const Tensor& x, Index columns) {
  if (columns < 0 || columns > x.shape().last())
    fail(text(op, ": ", columns, " columns of x ", x.shape()));
}

// y [T,D] for tokens [T] and table [V,D].
void check_embedding(const char* op, const Tensor& y, const Tensor& table, const Tensor& tokens) {
  const bool fits =
      table.shape().dims() == 2 && y.shape() == Shape{tokens.elements(), table.shape().last()};
  if (!fits)
    fail(text(op, ": tokens ", tokens.shape(), " and table ", table.shape(), " do not give ",
              y.shape()));
}

}  // namespace

void Math::embedding(Tensor y, Tensor table, Tensor tokens, Index first_row, OnStream on) {
  check_embedding("embedding", y, table, tokens);
  OpBuilder op("embedding", table);
  op.writes("y", y, y.shape())
      .reads("table", table, table.shape())
      .reads("tokens", tokens, {tokens.elements()}, DType::i32);
  on.submit(op.info(0, 2 * y.bytes() + tokens.bytes()),
            [&kernels = kernels_, &stream = on.stream, yv = y.view(), wv = table.view(),
             tv = tokens.view(), first_row] { kernels.embedding(yv, wv, tv, first_row, stream); });
}

void Math::embedding_backward(Tensor dtable, Tensor dy, Tensor tokens, Index first_row,
                              OnStream on) {
  check_embedding("embedding_backward", dy, dtable, tokens);
  OpBuilder op("embedding_backward", dy);
  op.accumulates("dtable", dtable, dtable.shape())
      .reads("dy", dy, dy.shape())
      .reads("tokens", tokens, {tokens.elements()}, DType::i32);
  const std::int64_t rows_bytes = 2 * dy.elements() * size_of(dtable.dtype());
  on.submit(op.info(static_cast<double>(dy.elements()), dy.bytes() + rows_bytes + tokens.bytes()),
            [&kernels = kernels_, &stream = on.stream, dwv = dtable.view(), dyv = dy.view(),
             tv = tokens.view(),
             first_row] { kernels.embedding_backward(dwv, dyv, tv, first_row, stream); });
}

void Math::row_max(Tensor out, Tensor x, Index columns, OnStream on) {
  check_columns("row_max", x, columns);
  OpBuilder op("row_max", x);
  op.writes("out", out, rows_of(x), DType::f32).reads("x", x, x.shape());
  const Index used = row_count(x.shape()) * columns;
  on.submit(op.info(static_cast<double>(used), used * size_of(x.dtype()) + out.bytes()),
            [&kernels = kernels_, &stream = on.stream, ov = out.view(), xv = x.view(), columns] {
              kernels.row_max(ov, xv, columns, stream);
            });
}

void Math::row_arg_max(Tensor out, Tensor x, Index columns, Index first_column, OnStream on) {
  check_columns("row_arg_max", x, columns);
  if (first_column < 0 || first_column + columns > kLargestCount)
    fail(text("row_arg_max: columns ", first_column, "..", first_column + columns,
              " are more than f32 counts (2^24)"));
  OpBuilder op("row_arg_max", x);
  op.writes("out", out, {row_count(x.shape()), 2}, DType::f32).reads("x", x, x.shape());
  const Index used = row_count(x.shape()) * columns;
  on.submit(op.info(static_cast<double>(used), used * size_of(x.dtype()) + out.bytes()),
            [&kernels = kernels_, &stream = on.stream, ov = out.view(), xv = x.view(), columns,
             first_column] { kernels.row_arg_max(ov, xv, columns, first_column, stream); });
}

void Math::pick_largest(Tensor tokens, Tensor pairs, OnStream on) {
  if (pairs.shape().dims() != 3 || pairs.size(0) < 1 || pairs.size(2) != 2)
    fail(text("pick_largest: pairs ", pairs.shape(), " are not [n,T,2]"));
  OpBuilder op("pick_largest", DType::f32);
  op.writes("tokens", tokens, {pairs.size(1)}, DType::i32).reads("pairs", pairs, pairs.shape());
  on.submit(op.info(static_cast<double>(pairs.size(0) * pairs.size(1))),
            [&kernels = kernels_, &stream = on.stream, tv = tokens.view(), pv = pairs.view()] {
              kernels.pick_largest(tv, pv, stream);
            });
}

void Math::row_sum(Tensor out, Tensor x, Index columns, OnStream on) {
  check_columns("row_sum", x, columns);
  OpBuilder op("row_sum", x);
  op.writes("out", out, rows_of(x), DType::f32).reads("x", x, x.shape());
  const Index used = row_count(x.shape()) * columns;
  on.submit(op.info(static_cast<double>(used), used * size_of(x.dtype()) + out.bytes()),
            [&kernels = kernels_, &stream = on.stream, ov = out.view(), xv = x.view(), columns] {
              kernels.row_sum(ov, xv, columns, stream);
            });
}

void Math::exp_minus(Tensor p, Tensor x, Tensor max, Index columns, OnStream on) {
  check_columns("exp_minus", x, columns);
  OpBuilder op("exp_minus", x);
  op.writes("p", p, x.shape())
      .reads_in_place("x", x, x.shape())
      .reads("max", max, rows_of(x), DType::f32);
  const Index used = row_count(x.shape()) * columns;
  on.submit(
      op.info(2.0 * static_cast<double>(used), used * size_of(x.dtype()) + p.bytes() + max.bytes()),
      [&kernels = kernels_, &stream = on.stream, pv = p.view(), xv = x.view(), mv = max.view(),
       columns] { kernels.exp_minus(pv, xv, mv, columns, stream); });
}

void Math::pick_target(Tensor out, Tensor x, Tensor targets, Index first_column, OnStream on) {
  OpBuilder op("pick_target", x);
  op.writes("out", out, rows_of(x), DType::f32)
      .reads("x", x, x.shape())
      .reads("targets", targets, rows_of(x), DType::i32);
  on.submit(op.info(0, out.bytes() + out.elements() * size_of(x.dtype()) + targets.bytes()),
            [&kernels = kernels_, &stream = on.stream, ov = out.view(), xv = x.view(),
             tv = targets.view(),
             first_column] { kernels.pick_target(ov, xv, tv, first_column, stream); });
}

void Math::cross_entropy(Tensor loss, Tensor sum, Tensor max, Tensor target, OnStream on) {
  OpBuilder op("cross_entropy", DType::f32);
  const Shape rows = {sum.elements()};
  op.writes("loss", loss, {1})
      .reads("sum", sum, rows)
      .reads("max", max, rows)
      .reads("target", target, rows);
  on.submit(
      op.info(kCrossEntropyFlops * static_cast<double>(sum.elements())),
      [&kernels = kernels_, &stream = on.stream, lv = loss.view(), sv = sum.view(), mv = max.view(),
       tv = target.view()] { kernels.cross_entropy(lv, sv, mv, tv, stream); });
}

void Math::cross_entropy_backward(Tensor dlogits, Tensor p, Tensor sum, Tensor targets,
                                  Index first_column, float scale, OnStream on) {
  OpBuilder op("cross_entropy_backward", p);
  op.writes("dlogits", dlogits, p.shape())
      .reads_in_place("p", p, p.shape())
      .reads("sum", sum, rows_of(p), DType::f32)
      .reads("targets", targets, rows_of(p), DType::i32);
  on.submit(op.info(static_cast<double>(p.elements())),
            [&kernels = kernels_, &stream = on.stream, dv = dlogits.view(), pv = p.view(),
             sv = sum.view(), tv = targets.view(), first_column, scale] {
              kernels.cross_entropy_backward(dv, pv, sv, tv, first_column, scale, stream);
            });
}

}  // namespace shardpipe
