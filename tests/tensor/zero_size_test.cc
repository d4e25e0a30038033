// Tensors without rows, or with rows of no columns: nothing to do, and nothing divided by zero.
#include "tests/tensor/math_fixture.h"

namespace shardpipe {
namespace {

constexpr double kEpsilon = 0.25;  // 1 / sqrt(0.25) = 2

// Runs every operation on T rows of D columns, one of them 0, and returns the row-wise results.
struct Rows {
  Numbers layer_stats, rms_stats, max, sum, target;
};

Rows run_all(MathFixture& f, Index T, Index D) {
  Math& math = f.math;
  Stream& s = f.stream;
  const Tensor x = f.fresh({T, D}), y = f.fresh({T, D}), z = f.fresh({T, D}), w = f.fresh({D});
  const Tensor dw = f.fresh({D}), stats2 = f.fresh({T, 2}), stats1 = f.fresh({T, 1});
  const Tensor pairs = f.fresh({T, 2 * D}), dpairs = f.fresh({T, 2 * D}), row = f.fresh({T});
  math.add(z, x, y, s);
  math.scale(z, x, 2, s);
  math.add_bias(y, w, s);
  math.gelu(y, x, GeluKind::tanh, s);
  math.gelu_backward(z, y, x, GeluKind::erf, s);
  math.silu_gate(y, pairs, s);
  math.silu_gate_backward(dpairs, y, pairs, s);
  math.copy_columns(y, 0, x, 0, D, s);
  math.concat_columns(f.fresh({T, 2 * D}), f.fresh({2, T, D}), s);
  math.split_columns(f.fresh({2, T, D}), f.fresh({T, 2 * D}), s);
  math.sgd(x, y, 1, s);
  math.adamw(x, y, z, f.fresh({T, D}), {}, s);
  math.layer_norm(y, stats2, x, w, w, kEpsilon, s);
  math.layer_norm_backward_input(z, y, x, stats2, w, s);
  math.rms_norm(y, stats1, x, w, kEpsilon, s);
  math.rms_norm_backward_input(z, y, x, stats1, w, s);
  Rows rows;
  rows.layer_stats = f.host(stats2);
  rows.rms_stats = f.host(stats1);
  math.row_max(row, x, D, s);
  rows.max = f.host(row);
  math.row_sum(row, x, D, s);
  rows.sum = f.host(row);
  math.exp_minus(y, x, row, D, s);
  const Tensor targets = f.fresh({T}, DType::i32), table = f.upload({2, D}, Numbers(at(2 * D), 1));
  math.fill(targets, 0, s);
  math.pick_target(row, x, targets, 0, s);
  rows.target = f.host(row);
  math.cross_entropy_backward(y, x, row, targets, 0, 1, s);
  math.embedding(y, table, targets, 0, s);
  math.embedding_backward(table, y, targets, 0, s);
  return rows;
}

}  // namespace

TEST_CASE("no rows") {
  MathFixture f;
  const Rows rows = run_all(f, 0, 5);
  CHECK(rows.layer_stats.empty());
  CHECK(rows.max.empty());
}

TEST_CASE("no columns: sums are 0, the maximum is -infinity, variance is 0") {
  MathFixture f;
  const Rows rows = run_all(f, 3, 0);
  const double infinity = std::numeric_limits<double>::infinity();
  CHECK(rows.layer_stats == Numbers{0, 2, 0, 2, 0, 2});
  CHECK(rows.rms_stats == Numbers{2, 2, 2});
  CHECK(rows.max == Numbers{-infinity, -infinity, -infinity});
  CHECK(rows.sum == Numbers{0, 0, 0});
  CHECK(rows.target == Numbers{0, 0, 0});
}

TEST_CASE("gradients of weights stay as they are without rows") {
  MathFixture f;
  const Numbers start = {1, 2, 3};
  const Tensor dgamma = f.upload({3}, start), dbeta = f.upload({3}, start), x = f.fresh({0, 3});
  f.math.bias_backward(dbeta, x, f.stream);
  f.math.layer_norm_backward_weight(dgamma, dbeta, x, x, f.fresh({0, 2}), f.stream);
  f.math.rms_norm_backward_weight(dgamma, x, x, f.fresh({0, 1}), f.stream);
  CHECK(f.host(dgamma) == start);
  CHECK(f.host(dbeta) == start);
}

TEST_CASE("attention without sequences, heads, positions or head dimension") {
  MathFixture f;
  for (const Shape& shape : {Shape{0, 2, 3, 4}, {2, 0, 3, 4}, {2, 2, 0, 4}, {2, 2, 3, 0}}) {
    CAPTURE(shape.to_string());
    const Index B = shape[0], H = shape[1], S = shape[2];
    const Tensor heads = f.fresh(shape), x = f.upload({B * S, 9}, Numbers(at(B * S * 9), 7));
    f.math.rotary(heads, heads, 1e4f, false, f.stream);
    f.math.merge_heads(x, heads, 1, f.stream);
    f.math.split_heads(heads, x, 1, f.stream);
    CHECK(f.host(x) == Numbers(at(B * S * 9), 7));
    const Tensor scores = f.upload({B * H, S, S}, Numbers(at(B * H * S * S), 0));
    f.math.causal_softmax(scores, scores, f.stream);
    f.math.causal_softmax_backward(scores, scores, scores, f.stream);
  }
}

TEST_CASE("the loss of no tokens is 0") {
  MathFixture f;
  const Tensor loss = f.fresh({1}), rows = f.fresh({0});
  f.math.cross_entropy(loss, rows, rows, rows, f.stream);
  CHECK(f.host(loss) == Numbers{0});
}

}  // namespace shardpipe
