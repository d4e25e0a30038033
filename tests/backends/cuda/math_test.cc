// Every operation of Math: the cuda backend gives the numbers of the cpu backend, up to rounding.
// Sizes that do not divide, more columns than a warp has lanes, random signed data.
#include <cmath>

#include "core/base/random.h"
#include "core/tensor/bf16.h"
#include "tests/backends/cuda/here.h"
#include "tests/support/catch.h"

namespace shardpipe {
namespace {

// What a case is written with. Each call of random() and fresh() is another stream of numbers.
class Desk {
 public:
  // numbers: what random numbers are rounded to, whatever the dtype they are kept in.
  Desk(RankContext& context, DType type, DType numbers)
      : ctx(context), dtype(type), numbers_(numbers) {}
  RankContext& ctx;
  DType dtype;

  Tensor random(Shape shape, DType type) {
    std::vector<float> v(static_cast<std::size_t>(shape.elements()));
    const std::uint64_t stream = next_++;
    for (std::size_t i = 0; i < v.size(); ++i)
      v[i] = static_cast<float>(random_normal(5, stream, i));
    if (numbers_ == DType::bf16)
      for (float& x : v) x = from_bf16(to_bf16(x));
    Tensor t(ctx.device, shape, type);
    ctx.math.upload(t, v, ctx.compute);
    return t;
  }
  Tensor random(Shape shape) { return random(shape, dtype); }
  Tensor integers(Shape shape, std::int32_t below) {
    std::vector<std::int32_t> v(static_cast<std::size_t>(shape.elements()));
    const std::uint64_t stream = next_++;
    for (std::size_t i = 0; i < v.size(); ++i)
      v[i] = static_cast<std::int32_t>(random_uniform(5, stream, i) * below);
    Tensor t(ctx.device, shape, DType::i32);
    ctx.math.upload(t, v, ctx.compute);
    return t;
  }
  void result(const Tensor& t) {
    for (const float x : ctx.math.to_host(t, ctx.compute)) results.push_back(x);
  }
  std::vector<float> results;

 private:
  DType numbers_;
  std::uint64_t next_ = 0;
};

using Case = std::function<void(Desk&)>;

std::vector<float> results_of(RunReport (*run)(const RunOptions&, const RankProgram&),
                              const Case& one, DType dtype, DType numbers) {
  std::vector<float> results;
  run({}, [&](RankContext& ctx) {
    Desk desk(ctx, dtype, numbers);
    one(desk);
    results = desk.results;
  });
  return results;
}

// Errors are relative to the size of the numbers around: bound = tolerance (1 + |expected|).
void check_case(const Case& one, double f32_tolerance = 2e-5, double bf16_tolerance = 2e-2) {
  for (const DType dtype : {DType::f32, DType::bf16}) {
    const double tolerance = dtype == DType::f32 ? f32_tolerance : bf16_tolerance;
    // In f32 on the cpu, on the same, rounded numbers.
    const auto want = results_of(run_on_cpu, one, DType::f32, dtype),
               got = results_of(run_here, one, dtype, dtype);
    REQUIRE(got.size() == want.size());
    REQUIRE(!got.empty());
    double worst = 0;
    std::size_t where = 0;
    for (std::size_t i = 0; i < got.size(); ++i) {
      if (want[i] == got[i]) continue;  // infinities too
      const double error = std::abs(double{got[i]} - want[i]) / (1 + std::abs(want[i]));
      if (!(error <= worst)) worst = error, where = i;  // a NaN is kept
    }
    INFO(name_of(dtype) << " result " << where << ": " << got[where] << ", cpu has "
                        << want[where]);
    CHECK(worst <= tolerance);
  }
}

constexpr Transpose kBoth[] = {Transpose::no, Transpose::yes};

}  // namespace

TEST_CASE("cuda math: gemm, all transposes, batches, alpha and beta") {
  for (const Transpose op_a : kBoth)
    for (const Transpose op_b : kBoth)
      for (const float beta : {0.0f, 0.5f})
        check_case([&](Desk& d) {
          const Index m = 13, n = 37, k = 19;
          Tensor a = d.random(op_a == Transpose::no ? Shape{3, m, k} : Shape{3, k, m});
          Tensor b = d.random(op_b == Transpose::no ? Shape{3, k, n} : Shape{3, n, k});
          Tensor out = d.random({3, m, n});
          d.ctx.math.gemm(out, a, op_a, b, op_b, {.alpha = -1.5f, .beta = beta}, d.ctx.compute);
          d.result(out);
        });
}

TEST_CASE("cuda math: gradients of weights in f32 where the rest is bf16") {
  check_case(
      [](Desk& d) {
        Math& math = d.ctx.math;
        Stream& s = d.ctx.compute;
        Tensor dw = d.random({6, 5}, DType::f32), db = d.random({6}, DType::f32);
        Tensor dgamma = d.random({5}, DType::f32), dbeta = d.random({5}, DType::f32);
        Tensor dtable = d.random({9, 5}, DType::f32), stats = d.random({7, 2}, DType::f32);
        Tensor dy = d.random({7, 6}), x = d.random({7, 5}), dx = d.random({7, 5});
        math.gemm(dw, dy, Transpose::yes, x, Transpose::no, {.beta = 1}, s);
        math.bias_backward(db, dy, s);
        math.layer_norm_backward_weight(dgamma, dbeta, dx, x, stats, s);
        math.embedding_backward(dtable, dx, d.integers({7}, 12), 2, s);
        for (const Tensor& t : {dw, db, dgamma, dbeta, dtable}) d.result(t);
      },
      2e-5, 2e-5);
}

TEST_CASE("cuda math: adamw on a master, which no bf16 rounds") {
  check_case(
      [](Desk& d) {
        Math& math = d.ctx.math;
        Stream& s = d.ctx.compute;
        Tensor master = d.random({50}, DType::f32), value(d.ctx.device, {50}, d.dtype);
        Tensor m(d.ctx.device, {50}), v(d.ctx.device, {50});
        math.fill(m, 0, s);
        math.fill(v, 0, s);
        for (int step = 1; step <= 3; ++step)
          math.adamw(value, master, d.random({50}, DType::f32), m, v,
                     {.learning_rate = 1e-3f, .weight_decay = 0.01f, .step = step}, s);
        for (const Tensor& t : {master, m, v}) d.result(t);
        Tensor again(d.ctx.device, {50}, d.dtype), zero(d.ctx.device, {50}, d.dtype);
        math.copy(again, master, s);
        math.scale(again, again, -1, s);
        math.add(zero, again, value, s);  // value is the master, rounded
        d.result(zero);
      },
      2e-5, 2e-5);
}

TEST_CASE("cuda math: a row with NaN has no largest number, and no token") {
  run_here({}, [](RankContext& ctx) {
    Tensor x(ctx.device, {2, 40}), pairs(ctx.device, {2, 2, 2}),
        tokens(ctx.device, {2}, DType::i32);
    std::vector<float> numbers(80, 1);
    numbers[63] = NAN;
    ctx.math.upload(x, numbers, ctx.compute);
    ctx.math.row_arg_max(pairs.slice(0, 1).reshape({2, 2}), x, 40, 0, ctx.compute);
    ctx.math.row_arg_max(pairs.slice(1, 1).reshape({2, 2}), x, 20, 40, ctx.compute);
    ctx.math.pick_largest(tokens, pairs, ctx.compute);
    CHECK(ctx.math.to_host_integers(tokens, ctx.compute) == std::vector<std::int32_t>{0, -1});
  });
}

TEST_CASE("cuda math: moving") {
  check_case([](Desk& d) {
    Math& math = d.ctx.math;
    Stream& s = d.ctx.compute;
    Tensor x = d.random({5, 12}), whole = d.random({5, 12});
    math.copy_columns(whole, 3, x, 7, 4, s);
    d.result(whole);
    Tensor parts(d.ctx.device, {3, 5, 4}, d.dtype), again(d.ctx.device, {5, 12}, d.dtype);
    math.split_columns(parts, x, s);
    d.result(parts);
    math.concat_columns(again, parts, s);
    d.result(again);
    Tensor wide(d.ctx.device, {5, 12}, DType::f32), narrow(d.ctx.device, {5, 12}, DType::bf16);
    math.copy(wide, x, s);
    math.copy(narrow, wide, s);
    d.result(wide);
    d.result(narrow);
    math.fill(x, -2.5f, s);
    d.result(x);
    Tensor heads(d.ctx.device, {2, 2, 3, 4}, d.dtype), rows = d.random({6, 11});
    math.split_heads(heads, rows, 2, s);
    d.result(heads);
    Tensor target = d.random({6, 11});
    math.merge_heads(target, heads, 3, s);
    d.result(target);
  });
}

TEST_CASE("cuda math: element-wise") {
  check_case([](Desk& d) {
    Math& math = d.ctx.math;
    Stream& s = d.ctx.compute;
    Tensor a = d.random({7, 45}), b = d.random({7, 45}), out(d.ctx.device, {7, 45}, d.dtype);
    math.add(out, a, b, s);
    math.add(out, out, b, s);
    math.reduce_local(out, out, a, ReduceOp::sum, s);
    math.reduce_local(out, b, out, ReduceOp::max, s);
    math.scale(out, out, 0.75f, s);
    Tensor bias = d.random({45}), dbias = d.random({45});
    math.add_bias(out, bias, s);
    math.bias_backward(dbias, a, s);
    d.result(out);
    d.result(dbias);
    for (const GeluKind kind : {GeluKind::tanh, GeluKind::erf}) {
      math.gelu(out, a, kind, s);
      d.result(out);
      math.gelu_backward(out, b, a, kind, s);
      d.result(out);
    }
    Tensor gate_up = d.random({7, 90}), dgate_up(d.ctx.device, {7, 90}, d.dtype);
    math.silu_gate(out, gate_up, s);
    d.result(out);
    math.silu_gate_backward(dgate_up, b, gate_up, s);
    d.result(dgate_up);
  });
}

TEST_CASE("cuda math: norms") {
  check_case([](Desk& d) {
    Math& math = d.ctx.math;
    Stream& s = d.ctx.compute;
    Tensor x = d.random({6, 70}), dy = d.random({6, 70}), gamma = d.random({70});
    Tensor beta = d.random({70}), y(d.ctx.device, {6, 70}, d.dtype);
    Tensor dgamma = d.random({70}), dbeta = d.random({70});
    Tensor two(d.ctx.device, {6, 2}), one(d.ctx.device, {6, 1});
    math.layer_norm(y, two, x, gamma, beta, 1e-5f, s);
    d.result(y);
    d.result(two);
    math.layer_norm_backward_input(y, dy, x, two, gamma, s);
    math.layer_norm_backward_weight(dgamma, dbeta, dy, x, two, s);
    for (const Tensor& t : {y, dgamma, dbeta}) d.result(t);
    math.rms_norm(y, one, x, gamma, 1e-5f, s);
    d.result(y);
    d.result(one);
    math.rms_norm_backward_input(y, dy, x, one, gamma, s);
    math.rms_norm_backward_weight(dgamma, dy, x, one, s);
    d.result(y);
    d.result(dgamma);
  });
}

TEST_CASE("cuda math: attention") {
  check_case([](Desk& d) {
    Math& math = d.ctx.math;
    Stream& s = d.ctx.compute;
    Tensor scores = d.random({3, 74, 37}), dp = d.random({3, 74, 37});
    math.causal_softmax(scores, scores, s);  // in place
    d.result(scores);
    math.causal_softmax_backward(dp, dp, scores, s);
    d.result(dp);
    Tensor x = d.random({2, 3, 5, 6});
    for (const bool inverse : {false, true}) {
      Tensor y(d.ctx.device, {2, 3, 5, 6}, d.dtype);
      math.rotary(y, x, 100, inverse, s);
      d.result(y);
    }
  });
}

TEST_CASE("cuda math: what decoding adds") {
  check_case([](Desk& d) {
    Math& math = d.ctx.math;
    Stream& s = d.ctx.compute;
    const Index N = 3, R = 4, seen = 37, room = 50,
                C = 6;  // one new position, 4 queries a key head
    Tensor q = d.random({N, R, C}), cache = d.random({N, room, C});
    Tensor p(d.ctx.device, {N, R, seen}, d.dtype), out(d.ctx.device, {N, R, C}, d.dtype);
    math.gemm(p, q, Transpose::no, cache, Transpose::yes, {.b_rows = seen}, s);
    math.causal_softmax(p, p, seen - 2, s);  // pairs of positions
    math.gemm(out, p, Transpose::no, cache, Transpose::no, {.b_rows = seen}, s);
    d.result(p);
    d.result(out);
    Tensor x = d.random({2, 3, 2, 6}), y(d.ctx.device, {2, 3, 2, 6}, d.dtype);
    math.rotary(y, x, 100, false, 35, s);
    d.result(y);
  });
  check_case([](Desk& d) {  // integers have ties, and bf16 holds them
    Math& math = d.ctx.math;
    Stream& s = d.ctx.compute;
    const Index T = 9, V = 41;
    Tensor x(d.ctx.device, {T, V}, d.dtype), all(d.ctx.device, {3, T, 2}),
        table = d.random({150, 5});
    math.embedding(x.reshape({T * V, 1}), d.random({7, 1}), d.integers({T * V}, 7), 0, s);
    for (Index rank = 0; rank < 3; ++rank)
      math.row_arg_max(all.slice(rank, 1).reshape({T, 2}), x, 41 - 20 * rank, 50 * rank, s);
    d.result(all);
    Tensor tokens(d.ctx.device, {T}, DType::i32), rows(d.ctx.device, {T, 5}, d.dtype);
    math.pick_largest(tokens, all, s);
    math.embedding(rows, table, tokens, 0, s);
    d.result(rows);
  });
}

TEST_CASE("cuda math: vocabulary") {
  check_case([](Desk& d) {
    Math& math = d.ctx.math;
    Stream& s = d.ctx.compute;
    const Index T = 9, V = 41, D = 5, first = 20;  // this rank has tokens 20..60 of 0..79
    Tensor tokens = d.integers({T}, 80), table = d.random({V, D}), y(d.ctx.device, {T, D}, d.dtype);
    Tensor dtable = d.random({V, D});
    math.embedding(y, table, tokens, first, s);
    math.embedding_backward(dtable, d.random({T, D}), tokens, first, s);
    d.result(y);
    d.result(dtable);
    const Index columns = 38;  // the rest is padding
    Tensor x = d.random({T, V}), p(d.ctx.device, {T, V}, d.dtype);
    Tensor max(d.ctx.device, {T}), sum(d.ctx.device, {T}), target(d.ctx.device, {T});
    Tensor loss(d.ctx.device, {1});
    math.row_max(max, x, 0, s);
    d.result(max);
    math.row_max(max, x, columns, s);
    math.exp_minus(p, x, max, columns, s);
    math.row_sum(sum, p, columns, s);
    math.pick_target(target, x, tokens, first, s);
    math.cross_entropy(loss, sum, max, target, s);
    for (const Tensor& t : {max, p, sum, target, loss}) d.result(t);
    math.cross_entropy_backward(p, p, sum, tokens, first, 0.25f, s);
    d.result(p);
  });
}

TEST_CASE("cuda math: optimizers") {
  check_case([](Desk& d) {
    Math& math = d.ctx.math;
    Stream& s = d.ctx.compute;
    Tensor value = d.random({50}), m(d.ctx.device, {50}), v(d.ctx.device, {50});
    math.fill(m, 0, s);
    math.fill(v, 0, s);
    for (int step = 1; step <= 3; ++step)
      math.adamw(value, d.random({50}), m, v,
                 {.learning_rate = 0.1f, .weight_decay = 0.01f, .step = step}, s);
    math.sgd(value, d.random({50}), 0.3f, s);
    for (const Tensor& t : {value, m, v}) d.result(t);
  });
}

}  // namespace shardpipe
