// What Math tells the trace, the cost model and the race check: by hand, on a device without
// numbers, where nothing is computed.
#include "tests/tensor/math_fixture.h"

namespace shardpipe {
namespace {

struct Logged {
  ImmediateDevice device{false};
  CpuKernels kernels;
  Math math{kernels};
  std::unique_ptr<Stream> owner = device.make_stream("compute");
  Stream& stream = *owner;

  Tensor make(Shape shape, DType dtype = DType::f32) { return Tensor(device, shape, dtype); }
  const OpInfo& last() const { return device.log().back(); }
};

// "0w 1 2": buffers by id, w for written, with @offset where one starts inside its buffer.
std::string operands_of(const OpInfo& info) {
  std::string out;
  for (const Operand& o : info.operands) {
    out += (out.empty() ? "" : " ") + std::to_string(o.buffer) + (o.write ? "w" : "");
    if (o.offset != 0) out += "@" + std::to_string(o.offset);
  }
  return out;
}

void check(const OpInfo& info, const std::string& name, double flops, std::int64_t bytes,
           const std::string& operands) {
  CHECK(info.name == name);
  CHECK(info.kind == OpKind::compute);
  CHECK(info.flops == flops);
  CHECK(info.bytes == bytes);
  CHECK(operands_of(info) == operands);
}

}  // namespace

TEST_CASE("an operation says the shape of what it makes, a product those of its factors") {
  CHECK(Dims{}.words() == "");
  CHECK(Dims{.sizes = {7}, .count = 1}.words() == "[7]");
  Logged l;
  const Tensor out = l.make({3, 5, 7}), a = l.make({3, 5, 4}), b = l.make({3, 7, 4});
  l.math.gemm(out, a, Transpose::no, b, Transpose::yes, {.beta = 1}, l.stream);
  CHECK(l.last().dims.words() == "[3, 5, 4] x [3, 4, 7]");
  const Tensor w = l.make({4, 6}), y = l.make({6, 5});
  l.math.gemm(y, w, Transpose::yes, l.make({5, 4}), Transpose::yes, {}, l.stream);
  CHECK(l.last().dims.words() == "[6, 4] x [4, 5]");
  l.math.fill(out, 0, l.stream);
  CHECK(l.last().dims.words() == "[3, 5, 7]");
}

TEST_CASE("gemm: 2 m n k flops a batch entry; beta reads out too") {
  Logged l;
  const Tensor out = l.make({3, 5, 7}), a = l.make({3, 5, 4}), b = l.make({3, 7, 4});
  const double flops = 2.0 * 3 * 5 * 7 * 4;
  l.math.gemm(out, a, Transpose::no, b, Transpose::yes, {.name = "scores"}, l.stream);
  check(l.last(), "scores", flops, 4 * (105 + 60 + 84), "0w 1 2");
  l.math.gemm(out, a, Transpose::no, b, Transpose::yes, {.beta = 1}, l.stream);
  check(l.last(), "gemm", flops, 4 * (2 * 105 + 60 + 84), "0w 1 2");
  const Tensor square = l.make({4, 4}, DType::bf16), result = l.make({4, 4}, DType::bf16);
  l.math.gemm(result, square, Transpose::no, square, Transpose::yes, {}, l.stream);
  check(l.last(), "gemm", 128, 3 * 32, "4w 3 3");
  CHECK(l.last().dtype == DType::bf16);
}

TEST_CASE("an operand in place is listed once, as a write; its traffic counts twice") {
  Logged l;
  const Tensor x = l.make({6}), y = l.make({6});
  l.math.add(x, x, y, l.stream);
  check(l.last(), "add", 6, 3 * 24, "0w 1");
  l.math.reduce_local(y, x, y, ReduceOp::max, l.stream);
  check(l.last(), "reduce_local", 6, 3 * 24, "1w 0");
  l.math.scale(x, x, 2, l.stream);
  check(l.last(), "scale", 6, 2 * 24, "0w");
  l.math.add_bias(l.make({5, 6}), y, l.stream);
  check(l.last(), "add_bias", 30, 4 * (2 * 30 + 6), "2w 1");
}

TEST_CASE("slices name their part of the buffer") {
  Logged l;
  const Tensor x = l.make({8, 6});
  l.math.copy(x.slice(0, 2), x.slice(5, 2), l.stream);  // no overlap: allowed
  check(l.last(), "copy", 0, 2 * 48, "0w 0@120");
  CHECK(l.last().operands[1].bytes == 48);
}

TEST_CASE("operations that touch a part count that part") {
  Logged l;
  const Tensor x = l.make({10, 12}), heads = l.make({2, 3, 5, 2});
  l.math.split_heads(heads, x, 4, l.stream);
  check(l.last(), "split_heads", 0, 2 * 4 * 60, "1w 0");
  l.math.copy_columns(x, 0, l.make({10, 4}), 1, 3, l.stream);
  check(l.last(), "copy_columns", 0, 2 * 4 * 30, "0w 2");
  const Tensor tokens = l.make({10}, DType::i32), table = l.make({1000, 12});
  l.math.embedding(x, table, tokens, 0, l.stream);
  check(l.last(), "embedding", 0, 2 * 480 + 40, "0w 4 3");
  l.math.embedding_backward(table, x, tokens, 0, l.stream);
  check(l.last(), "embedding_backward", 120, 3 * 480 + 40, "4w 0 3");
  l.math.row_sum(l.make({10}), x, 7, l.stream);
  check(l.last(), "row_sum", 70, 4 * (70 + 10), "5w 0");
}

TEST_CASE("causal softmax counts what a query sees") {
  Logged l;
  const Tensor scores = l.make({3, 8, 4});  // 2 query heads a key head, 1 + 2 + 3 + 4 columns each
  l.math.causal_softmax(scores, scores, l.stream);
  check(l.last(), "causal_softmax", 5.0 * 3 * 2 * 10, 2 * 4 * 96, "0w");
}

TEST_CASE("what decoding adds: the part of a cache that is filled, arg max in pairs") {
  Logged l;
  const Tensor q = l.make({3, 2, 4}), cache = l.make({3, 100, 4}), p = l.make({3, 2, 10});
  l.math.gemm(p, q, Transpose::no, cache, Transpose::yes, {.b_rows = 10}, l.stream);
  check(l.last(), "gemm", 2.0 * 3 * 2 * 10 * 4, 4 * (24 + 3 * 10 * 4 + 60), "2w 0 1");
  l.math.causal_softmax(p, p, 9, l.stream);  // one new position, 2 query heads a key head
  check(l.last(), "causal_softmax", 5.0 * 3 * 2 * 10, 2 * 4 * 60, "2w");
  const Tensor logits = l.make({5, 12}), pairs = l.make({5, 2});
  l.math.row_arg_max(pairs, logits, 7, 0, l.stream);
  check(l.last(), "row_arg_max", 35, 4 * (35 + 10), "4w 3");
  const Tensor tokens = l.make({5}, DType::i32), all = l.make({2, 5, 2});
  l.math.pick_largest(tokens, all, l.stream);
  check(l.last(), "pick_largest", 10, 4 * (5 + 20), "5w 6");
}

TEST_CASE("norms, activations, loss and optimizer") {
  Logged l;
  const Tensor x = l.make({5, 6}), y = l.make({5, 6}), stats = l.make({5, 2}), w = l.make({6});
  l.math.layer_norm(y, stats, x, w, w, 0, l.stream);
  check(l.last(), "layer_norm", 8 * 30, 4 * (60 + 10 + 12), "1w 2w 0 3 3");
  const Tensor dw = l.make({6}), db = l.make({6});
  l.math.layer_norm_backward_weight(dw, db, y, x, stats, l.stream);
  check(l.last(), "layer_norm_backward_weight", 5 * 30, 4 * (24 + 60 + 10), "4w 5w 1 0 2");
  l.math.gelu(y, x, GeluKind::tanh, l.stream);
  check(l.last(), "gelu", 9 * 30, 4 * 60, "1w 0");
  l.math.gelu(y, x, GeluKind::erf, l.stream);
  check(l.last(), "gelu", 5 * 30, 4 * 60, "1w 0");
  const Tensor rows = l.make({5}), targets = l.make({5}, DType::i32);
  l.math.cross_entropy(l.make({1}), rows, rows, rows, l.stream);
  check(l.last(), "cross_entropy", 20, 4 * 16, "8w 6 6 6");
  l.math.cross_entropy_backward(y, y, rows, targets, 0, 1, l.stream);
  check(l.last(), "cross_entropy_backward", 30, 4 * (60 + 5 + 5), "1w 6 7");
  const Tensor m = l.make({5, 6}), v = l.make({5, 6});
  l.math.adamw(x, y, m, v, {}, l.stream);
  check(l.last(), "adamw", 15 * 30, 4 * 30 * 7, "0w 9w 10w 1");
}

TEST_CASE("an operation carries the tags of its moment") {
  Logged l;
  l.device.tags() = {.step = 3, .microbatch = 2, .phase = Phase::backward};
  l.math.fill(l.make({4}), 0, l.stream);
  l.device.tags() = {};
  check(l.last(), "fill", 0, 16, "0w");
  CHECK(l.last().tags.step == 3);
  CHECK(l.last().tags.microbatch == 2);
  CHECK(l.last().tags.phase == Phase::backward);
}

}  // namespace shardpipe
