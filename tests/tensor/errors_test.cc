// What Math and the cpu kernels refuse, word by word.
#include "tests/tensor/math_fixture.h"

namespace shardpipe {
namespace {

struct Refusal {
  std::function<void()> call;
  const char* message;
};

void check(const std::vector<Refusal>& refusals) {
  for (const Refusal& r : refusals) CHECK(message_of(r.call) == r.message);
}

}  // namespace

TEST_CASE("gemm names the shapes that do not fit") {
  MathFixture f;
  const auto no = Transpose::no, yes = Transpose::yes;
  const auto gemm = [&](Tensor out, Tensor a, Transpose op_a, Tensor b, Transpose op_b) {
    return [=, &f] { f.math.gemm(out, a, op_a, b, op_b, {}, f.stream); };
  };
  const Tensor a = f.fresh({2, 3}), b = f.fresh({3, 5}), out = f.fresh({2, 5});
  const Tensor half = f.fresh({3, 5}, DType::bf16);
  check({
      {gemm(out, a, no, f.fresh({4, 5}), no), "gemm: [2,3] x [4,5] does not give [2,5]"},
      {gemm(out, a, yes, b, no), "gemm: [2,3]^T x [3,5] does not give [2,5]"},
      {gemm(out, a, no, b, yes), "gemm: [2,3] x [3,5]^T does not give [2,5]"},
      {gemm(f.fresh({5, 2}), a, no, b, no), "gemm: [2,3] x [3,5] does not give [5,2]"},
      {gemm(out, a, no, f.fresh({1, 3, 5}), no), "gemm: [2,3] x [1,3,5] does not give [2,5]"},
      {gemm(f.fresh({7, 2, 5}), f.fresh({7, 2, 3}), no, f.fresh({6, 3, 5}), no),
       "gemm: [7,2,3] x [6,3,5] does not give [7,2,5]"},
      {gemm(f.fresh({5}), f.fresh({3}), no, f.fresh({5}), no), "gemm: [3] x [5] does not give [5]"},
      {gemm(Tensor(), a, no, b, no), "gemm: [2,3] x [3,5] does not give []"},
      {gemm(out, a, no, half, no), "gemm: b is bf16, it should be f32"},
      {gemm(out, f.fresh({2, 3}, DType::i32), no, b, no),
       "gemm: takes f32 or bf16 tensors, not i32"},
      {gemm(out, f.fresh({2, 5}), no, out.reshape({5, 2}), no),
       "gemm: [2,5] x [5,2] does not give [2,5]"},
  });
  const Tensor square = f.fresh({4, 4});
  check({{gemm(square, square, no, f.fresh({4, 4}), no), "gemm: a shares memory with an output"}});
}

TEST_CASE("gemm with a part of the rows of b names the part") {
  MathFixture f;
  const Tensor out = f.fresh({2, 1, 3}), a = f.fresh({2, 1, 4}), b = f.fresh({2, 9, 4});
  const auto gemm = [&](Index rows) {
    return [=, &f] {
      f.math.gemm(out, a, Transpose::no, b, Transpose::yes, {.b_rows = rows}, f.stream);
    };
  };
  check({{gemm(0), "gemm: [2,1,4] x [2,9,4]^T does not give [2,1,3]"},
         {gemm(2), "gemm: [2,1,4] x [2,2,4]^T does not give [2,1,3]"},
         {gemm(10), "gemm: b_rows is 10, b is [2,9,4]"},
         {gemm(-1), "gemm: b_rows is -1, b is [2,9,4]"},
         {gemm(3), ""}});
}

TEST_CASE("moving operations name what lies outside") {
  MathFixture f;
  Math& math = f.math;
  Stream& s = f.stream;
  const Tensor x = f.fresh({4, 6});
  check({
      {[&] {
         math.copy(x, f.fresh({5, 5}), s);
       },
       "copy: out [4,6] has 24 elements, in [5,5] has 25"},
      {[&] {
         math.copy(x, f.fresh({4, 6}, DType::i32), s);
       },
       "copy: i32 does not convert to f32 (f32 and bf16 do)"},
      {[&] {
         math.copy_columns(x, 0, f.fresh({4, 5}), 3, 3, s);
       },
       "copy_columns: 3 columns from 3 are outside of in [4,5]"},
      {[&] {
         math.copy_columns(x, -1, f.fresh({4, 5}), 0, 3, s);
       },
       "copy_columns: 3 columns from -1 are outside of out [4,6]"},
      {[&] {
         math.copy_columns(x, 0, f.fresh({3, 6}), 0, 1, s);
       },
       "copy_columns: out [4,6] and in [3,6] differ in rows"},
      {[&] {
         math.concat_columns(x, f.fresh({2, 4, 2}), s);
       },
       "concat_columns: parts [2,4,2] [n,T,F] do not make up [4,6] [T,n*F]"},
      {[&] {
         math.split_columns(f.fresh({2, 4, 3}, DType::bf16), x, s);
       },
       "split_columns: out is bf16, it should be f32"},
      {[&] {
         math.split_heads(f.fresh({2, 2, 2, 3}), x, 1, s);
       },
       "split_heads: heads [2,2,2,3] [B,H,S,C] from column 1 do not fit x [4,6] [B*S,W]"},
      {[&] { math.upload(x, std::vector<float>(23), s); },
       "upload: 23 values for [4,6], which has 24 elements"},
      {[&] { math.upload(x, std::vector<std::int32_t>(24), s); },
       "upload: integers do not go into a f32 tensor"},
      {[&] { math.to_host(f.fresh({2}, DType::i32), s); },
       "to_host: takes f32 or bf16 tensors, not i32"},
      {[&] { math.to_host(Tensor(), s); }, "to_host: in is an empty tensor"},
      {[&] { math.fill(Tensor(), 1, s); }, "fill: out is an empty tensor"},
  });
}

TEST_CASE("operations name the operand, its shape and the shape it should have") {
  MathFixture f;
  Math& math = f.math;
  Stream& s = f.stream;
  const Tensor x = f.fresh({4, 6}), y = f.fresh({4, 6}), w = f.fresh({6}), half = f.fresh({5});
  const Tensor scores = f.fresh({2, 5, 3}), ids = f.fresh({4}, DType::i32);
  check({
      {[&] { math.add(x, y, w, s); }, "add: b is [6], it should be [4,6]"},
      {[&] { math.add_bias(x, half, s); }, "add_bias: bias is [5], it should be [6]"},
      {[&] { math.gelu(x, x, GeluKind::erf, s); }, "gelu: x shares memory with an output"},
      {[&] { math.scale(x.slice(0, 2), x.slice(1, 2), 2, s); },
       "scale: in shares memory with an output"},
      {[&] {
         math.silu_gate(x, f.fresh({4, 11}), s);
       },
       "silu_gate: gate_up [4,11] should have 4 rows of 12 columns for [4,6]"},
      {[&] {
         math.layer_norm(y, f.fresh({4, 1}), x, w, w, 0, s);
       },
       "layer_norm: stats is [4,1], it should be [4,2]"},
      {[&] {
         math.layer_norm(y, f.fresh({4, 2}), x, half, w, 0, s);
       },
       "layer_norm: gamma is [5], it should be [6]"},
      {[&] {
         math.rms_norm_backward_weight(half, y, x, f.fresh({4, 1}), s);
       },
       "rms_norm_backward_weight: dgamma is [5], it should be [6]"},
      {[&] {
         math.rms_norm(y, f.fresh({4, 1}, DType::bf16), x, w, 0, s);
       },
       "rms_norm: stats is bf16, it should be f32"},
      {[&] { math.causal_softmax(scores, scores, s); },
       "causal_softmax: [2,5,3] is not [N,R,S] with R a multiple of S"},
      {[&] { math.causal_softmax(scores, scores, 1, s); },
       "causal_softmax: [2,5,3] is not [N,R,S] with R a multiple of S - 1"},
      {[&] { math.causal_softmax(scores, scores, 3, s); },
       "causal_softmax: [2,5,3] is not [N,R,S] with R a multiple of S - 3"},
      {[&] {
         math.rotary(f.fresh({1, 1, 2, 2}), f.fresh({1, 1, 2, 2}), 1e4f, false, -1, s);
       },
       "rotary: first position -1 is negative"},
      {[&] { math.rotary(x, x, 1e4f, false, s); }, "rotary: [4,6] is not [B,H,S,C] with C even"},
      {[&] {
         math.embedding(y, f.fresh({9, 5}), ids, 0, s);
       },
       "embedding: tokens [4] and table [9,5] do not give [4,6]"},
      {[&] {
         math.embedding(y, f.fresh({9, 6}), f.fresh({4}), 0, s);
       },
       "embedding: tokens is f32, it should be i32"},
      {[&] { math.row_max(f.fresh({4}), x, 7, s); }, "row_max: 7 columns of x [4,6]"},
      {[&] {
         math.row_arg_max(f.fresh({4, 2}), x, 7, 0, s);
       },
       "row_arg_max: 7 columns of x [4,6]"},
      {[&] { math.row_arg_max(f.fresh({4}), x, 6, 0, s); },
       "row_arg_max: out is [4], it should be [4,2]"},
      {[&] {
         math.row_arg_max(f.fresh({4, 2}), x, 6, (1 << 24) - 5, s);
       },
       "row_arg_max: columns 16777211..16777217 are more than f32 counts (2^24)"},
      {[&] { math.pick_largest(ids, x, s); }, "pick_largest: pairs [4,6] are not [n,T,2]"},
      {[&] {
         math.pick_largest(ids, f.fresh({2, 3, 2}), s);
       },
       "pick_largest: tokens is [4], it should be [3]"},
      {[&] { math.to_host_integers(x, s); }, "to_host: in is f32, it should be i32"},
      {[&] { math.cross_entropy(f.fresh({1}), f.fresh({4}), f.fresh({4}), f.fresh({3}), s); },
       "cross_entropy: target is [3], it should be [4]"},
      {[&] {
         math.adamw(x, y, f.fresh({4, 6}), f.fresh({4, 6}), {.step = 0}, s);
       },
       "adamw: step is 0, steps count from 1"},
      {[&] { math.adamw(x, y, w, w, {}, s); }, "adamw: m is [6], it should be [4,6]"},
  });
  CHECK(f.device.log().empty());  // nothing of this was submitted
}

TEST_CASE("types that do not go together: only gradients, masters and products may be f32") {
  MathFixture f;
  Math& math = f.math;
  Stream& s = f.stream;
  const Tensor half = f.fresh({2, 2}, DType::bf16), full = f.fresh({2, 2});
  const Tensor ids = f.fresh({2, 2}, DType::i32), more = f.fresh({2, 2}, DType::bf16);
  const auto no = Transpose::no;
  check({
      {[&] { math.add(half, more, full, s); }, "add: b is f32, it should be bf16"},
      {[&] { math.gelu(full, half, GeluKind::tanh, s); }, "gelu: y is f32, it should be bf16"},
      {[&] {
         math.gemm(half, full, no, f.fresh({2, 2}), no, {}, s);
       },
       "gemm: out is bf16, it should be f32"},
      {[&] { math.gemm(ids, half, no, more, no, {}, s); }, "gemm: out is i32, it should be bf16"},
      {[&] { math.adamw(half, more, full, full, full, {}, s); },
       "adamw: master is bf16, it should be f32"},
      {[&] {
         math.adamw(full, half, f.fresh({2, 2}), f.fresh({2, 2}), {}, s);
       },
       "adamw: grad is bf16, it should be f32"},
  });
}

TEST_CASE("shapes that cannot be") {
  const Index huge = Index{1} << 32;
  check({{[] {
            Shape{2, -1};
          },
          "shape [2,-1] has a negative dimension"},
         {[=] {
            Shape{huge, huge};
          },
          "shape [4294967296,4294967296] has more than 2^60 elements"},
         {[] {
            Shape{1, 1, 1, 1, 1};
          },
          "a tensor has at most 4 dimensions, not 5"}});
  CHECK(Shape{huge, 1 << 28}.elements() == Index{1} << 60);
  CHECK(Shape{0, huge, 5}.elements() == 0);
}

}  // namespace shardpipe
