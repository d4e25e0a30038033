// bf16 on the cpu: every operation gives the numbers of f32 on the same inputs, rounded once; and
// sums that may be f32 lose nothing.
#include "core/tensor/bf16.h"
#include "tests/tensor/math_fixture.h"

namespace shardpipe {
namespace {

float rounded(double x) { return from_bf16(to_bf16(static_cast<float>(x))); }

// What a case is written with: tensors of the main type, whose numbers bf16 holds exactly.
struct Desk {
  MathFixture f;
  DType main = DType::f32, gradient = DType::f32;
  std::uint64_t next = 0;
  std::vector<float> results = {};
  Math& math = f.math;
  Stream& s = f.stream;

  Tensor random(Shape shape, DType type) {
    Numbers numbers = random_numbers(shape.elements(), ++next);
    for (double& x : numbers) x = static_cast<double>(rounded(x));
    Tensor tensor = f.fresh(shape, type);
    math.upload(tensor, std::vector<float>(numbers.begin(), numbers.end()), s);
    return tensor;
  }
  Tensor random(Shape shape) { return random(shape, main); }
  Tensor tokens(Index n, Index below) {
    std::vector<std::int32_t> all;
    for (Index i = 0; i < n; ++i) all.push_back(static_cast<std::int32_t>(i * 7 % below));
    return f.upload({n}, all);
  }
  // May have been f32 where it is bf16 in the other run: rounded then.
  void result(const Tensor& t, DType type) {
    for (const float x : math.to_host(t, s))
      results.push_back(type == DType::f32 ? x : rounded(static_cast<double>(x)));
  }
};

using Case = std::function<void(Desk&)>;

std::vector<float> run(const Case& one, DType main, DType gradient) {
  Desk desk;
  desk.main = main;
  desk.gradient = gradient;
  one(desk);
  REQUIRE_FALSE(desk.results.empty());
  return desk.results;
}

constexpr auto kBf16 = DType::bf16, kF32 = DType::f32;

void check(const char* name, const Case& one) {
  INFO(name);
  CHECK(run(one, kBf16, kBf16) == run(one, kF32, kF32));
}

// gradient: stays f32.
void check_f32_gradient(const char* name, const Case& one) {
  INFO(name << ", gradient in f32");
  CHECK(run(one, kBf16, kF32) == run(one, kF32, kF32));
}

}  // namespace

TEST_CASE("bf16: products, element-wise operations and norms are those of f32, rounded once") {
  check("gemm", [](Desk& d) {
    for (const float beta : {0.0f, 1.0f, -0.5f}) {
      const Tensor out = d.random({2, 5, 7});
      d.math.gemm(out, d.random({2, 9, 5}), Transpose::yes, d.random({2, 7, 9}), Transpose::yes,
                  {.alpha = 0.75f, .beta = beta}, d.s);
      d.result(out, kBf16);
    }
  });
  check("element-wise", [](Desk& d) {
    const Tensor a = d.random({5, 6}), b = d.random({5, 6}), bias = d.random({6});
    d.math.add(a, a, b, d.s);
    d.result(a, kBf16);
  });
  check("scale", [](Desk& d) {
    const Tensor a = d.random({5, 6});
    d.math.scale(a, a, 0.3f, d.s);
    d.result(a, kBf16);
  });
  check("add_bias", [](Desk& d) {
    const Tensor y = d.random({5, 6});
    d.math.add_bias(y, d.random({6}), d.s);
    d.result(y, kBf16);
  });
  for (const GeluKind kind : {GeluKind::tanh, GeluKind::erf})
    check("gelu", [kind](Desk& d) {
      const Tensor x = d.random({5, 6}), y = d.random({5, 6}), dx = d.random({5, 6});
      d.math.gelu(y, x, kind, d.s);
      d.math.gelu_backward(dx, d.random({5, 6}), x, kind, d.s);
      d.result(y, kBf16);
      d.result(dx, kBf16);
    });
  check("silu", [](Desk& d) {
    const Tensor x = d.random({5, 12}), y = d.random({5, 6}), dx = d.random({5, 12});
    d.math.silu_gate(y, x, d.s);
    d.math.silu_gate_backward(dx, d.random({5, 6}), x, d.s);
    d.result(y, kBf16);
    d.result(dx, kBf16);
  });
  check("norms", [](Desk& d) {
    const Tensor x = d.random({5, 20}), y = d.random({5, 20}), z = d.random({5, 20});
    const Tensor dx = d.random({5, 20}), dz = d.random({5, 20}), gamma = d.random({20});
    const Tensor two = d.f.fresh({5, 2}), one = d.f.fresh({5, 1}), dy = d.random({5, 20});
    d.math.layer_norm(y, two, x, gamma, d.random({20}), 1e-3f, d.s);
    d.math.rms_norm(z, one, x, gamma, 1e-3f, d.s);
    d.math.layer_norm_backward_input(dx, dy, x, two, gamma, d.s);
    d.math.rms_norm_backward_input(dz, dy, x, one, gamma, d.s);
    for (const Tensor& t : {y, z, dx, dz}) d.result(t, kBf16);
    for (const Tensor& t : {two, one}) d.result(t, kF32);
  });
}

TEST_CASE("bf16: attention and vocabulary are those of f32, rounded once") {
  check("attention", [](Desk& d) {
    const Tensor p = d.random({2, 6, 3}), dp = d.random({2, 6, 3}), x = d.random({2, 2, 3, 4});
    const Tensor of = d.random({2, 6, 3});
    d.math.causal_softmax_backward(dp, dp, of, d.s);
    d.math.causal_softmax(p, p, d.s);
    d.math.rotary(x, x, 3, true, 2, d.s);
    for (const Tensor& t : {p, dp, x}) d.result(t, kBf16);
  });
  check("vocabulary", [](Desk& d) {
    const Tensor x = d.random({5, 9}), table = d.random({9, 4}), y = d.random({5, 4});
    const Tensor max = d.f.fresh({5}), sum = d.f.fresh({5}), target = d.f.fresh({5});
    const Tensor pairs = d.f.fresh({5, 2}), tokens = d.tokens(5, 12), p = d.random({5, 9});
    d.math.embedding(y, table, tokens, 2, d.s);
    d.math.row_max(max, x, 8, d.s);
    d.math.row_arg_max(pairs, x, 8, 3, d.s);
    d.math.pick_target(target, x, tokens, 2, d.s);
    d.math.row_sum(sum, x, 8, d.s);
    d.math.cross_entropy_backward(p, p, sum, tokens, 2, 0.3f, d.s);
    d.math.exp_minus(x, x, max, 8, d.s);
    for (const Tensor& t : {y, p, x}) d.result(t, kBf16);
    for (const Tensor& t : {max, sum, target, pairs}) d.result(t, kF32);
  });
  check("optimizers", [](Desk& d) {
    const Tensor x = d.random({5, 6}), sum = d.f.upload({1}, Numbers{0});
    d.math.sgd(x, d.random({5, 6}), 0.3f, d.s);
    d.result(x, kBf16);
    const Tensor g = d.random({5, 6});
    d.math.add_squares(sum, g, d.s);
    d.math.clip(g, sum, 0.7f, d.s);
    d.result(g, kBf16);
    d.result(sum, kF32);
  });
}

TEST_CASE("bf16: gradients of weights in bf16 are rounded once, in f32 not at all") {
  const auto linear = [](Desk& d) {
    const Tensor dw = d.random({6, 5}, d.gradient), db = d.random({6}, d.gradient);
    const Tensor dy = d.random({7, 6}), x = d.random({7, 5});
    d.math.gemm(dw, dy, Transpose::yes, x, Transpose::no, {.beta = 1}, d.s);
    d.math.bias_backward(db, dy, d.s);
    for (const Tensor& t : {dw, db}) d.result(t, d.gradient);
  };
  const auto norms = [](Desk& d) {
    const Tensor a = d.random({20}, d.gradient), b = d.random({20}, d.gradient);
    const Tensor c = d.random({20}, d.gradient), x = d.random({5, 20}), dy = d.random({5, 20});
    const Tensor two = d.random({5, 2}, kF32), one = d.random({5, 1}, kF32);
    d.math.layer_norm_backward_weight(a, b, dy, x, two, d.s);
    d.math.rms_norm_backward_weight(c, dy, x, one, d.s);
    for (const Tensor& t : {a, b, c}) d.result(t, d.gradient);
  };
  const auto table = [](Desk& d) {
    const Tensor dtable = d.random({9, 4}, d.gradient);
    d.math.embedding_backward(dtable, d.random({5, 4}), d.tokens(5, 12), 2, d.s);
    d.result(dtable, d.gradient);
  };
  for (const auto& [name, one] : std::vector<std::pair<const char*, Case>>{
           {"linear", linear}, {"norms", norms}, {"table", table}}) {
    check_f32_gradient(name, one);
    INFO(name << ", gradient in bf16");
    std::vector<float> want = run(one, kF32, kF32);
    for (float& x : want) x = rounded(static_cast<double>(x));
    CHECK(run(one, kBf16, kBf16) == want);
  }
}

TEST_CASE("bf16: a sum of gradients in f32 keeps what one in bf16 loses") {
  MathFixture f;
  const Tensor dy = f.fresh({1, 1}, kBf16), full = f.fresh({1}), lean = f.fresh({1}, kBf16);
  f.math.fill(dy, 0.5f, f.stream);
  for (const Tensor& sum : {full, lean}) {
    f.math.fill(sum, 256, f.stream);
    for (int microbatch = 0; microbatch < 100; ++microbatch)
      f.math.bias_backward(sum, dy, f.stream);
  }
  CHECK(f.host(full) == Numbers{306});
  CHECK(f.host(lean) == Numbers{256});  // 256.5 lies nearer to 256 than to 258
}

TEST_CASE("bf16: fused operations are the plain ones, one after the other, bit for bit") {
  Desk d;
  d.main = kBf16;
  const Index T = 5, D = 20;
  const Tensor parts = d.random({2, T, D}), bias = d.random({D}), x = d.random({T, D});
  const Tensor gamma = d.random({D}), beta = d.random({D}), h = d.random({T, D});
  const Tensor y = d.random({T, D}), stats = d.f.fresh({T, 2}), apart = d.random({T, D});
  d.math.add_norm({.h = h,
                   .y = y,
                   .stats = stats,
                   .parts = parts,
                   .bias = bias,
                   .x = x,
                   .gamma = gamma,
                   .beta = beta},
                  d.s);
  d.math.add(apart, parts.slice(0, 1).reshape({T, D}), parts.slice(1, 1).reshape({T, D}), d.s);
  d.math.add_bias(apart, bias, d.s);
  d.math.add(apart, apart, x, d.s);
  CHECK(d.f.host(h) == d.f.host(apart));
  d.math.layer_norm(apart, stats, h, gamma, beta, 1e-5f, d.s);
  CHECK(d.f.host(y) == d.f.host(apart));
  const Tensor w = d.random({6, D}), b = d.random({6}), pre = d.random({T, 6});
  const Tensor out = d.random({T, 6}), plain = d.random({T, 6});
  d.math.gemm_bias_gelu(out, pre, x, w, b, GeluKind::tanh, d.s);
  d.math.gemm(plain, x, Transpose::no, w, Transpose::yes, {}, d.s);
  d.math.add_bias(plain, b, d.s);
  CHECK(d.f.host(pre) == d.f.host(plain));
  d.math.gelu(plain, pre, GeluKind::tanh, d.s);
  CHECK(d.f.host(out) == d.f.host(plain));
}

TEST_CASE("adamw with a master: it moves as f32 does, and the weight is it, rounded") {
  MathFixture f;
  const Index n = 37;
  const AdamWOptions o{.learning_rate = 1e-3f, .weight_decay = 0.1f};
  const Numbers start = random_numbers(n, 1), zeros(at(n), 0);
  const Tensor f32 = f.upload({n}, start), m = f.upload({n}, zeros), v = f.upload({n}, zeros);
  const Tensor master = f.upload({n}, start), value = f.fresh({n}, kBf16);
  const Tensor mm = f.upload({n}, zeros), mv = f.upload({n}, zeros);
  const Tensor lean = f.fresh({n}, kBf16), lm = f.upload({n}, zeros), lv = f.upload({n}, zeros);
  f.math.copy(lean, f32, f.stream);
  for (int step = 1; step <= 3; ++step) {
    AdamWOptions now = o;
    now.step = step;
    Numbers numbers = random_numbers(n, static_cast<std::uint64_t>(10 + step));
    for (double& x : numbers) x = static_cast<double>(rounded(x));
    const Tensor g = f.upload({n}, numbers), half = f.fresh({n}, kBf16);
    f.math.copy(half, g, f.stream);
    f.math.adamw(f32, g, m, v, now, f.stream);
    f.math.adamw(value, master, g, mm, mv, now, f.stream);
    f.math.adamw(lean, half, lm, lv, now, f.stream);
    CHECK(f.host(master) == f.host(f32));
    CHECK(f.host(mm) == f.host(m));
    CHECK(f.host(lv) == f.host(v));  // the states are f32 in any case
    Numbers want = f.host(f32);
    for (double& x : want) x = static_cast<double>(rounded(x));
    CHECK(f.host(value) == want);
    CHECK(f.host(lean) != want);  // it starts each step from what was rounded
  }
}

TEST_CASE("bf16: what a step moves, in bytes") {
  MathFixture f;
  const Tensor w = f.fresh({4, 6}, kBf16), master = f.fresh({4, 6}), g = f.fresh({4, 6});
  const Tensor m = f.fresh({4, 6}), v = f.fresh({4, 6}), half = f.fresh({4, 6}, kBf16);
  for (const Tensor& t : {w, master, g, m, v, half}) f.math.fill(t, 0, f.stream);
  f.math.adamw(w, master, g, m, v, {}, f.stream);
  CHECK(f.last_op().bytes == 24 * (2 + 2 * 4 + 4 + 2 * 4 + 2 * 4));
  f.math.adamw(w, half, m, v, {}, f.stream);
  CHECK(f.last_op().bytes == 24 * (2 * 2 + 2 + 2 * 4 + 2 * 4));
  const Tensor x = f.fresh({5, 6}, kBf16), dy = f.fresh({5, 4}, kBf16);
  for (const Tensor& t : {x, dy}) f.math.fill(t, 0, f.stream);
  f.math.gemm(g, dy, Transpose::yes, x, Transpose::no, {.beta = 1}, f.stream);
  CHECK(f.last_op().bytes == 2 * 4 * 24 + 2 * 20 + 2 * 30);
  CHECK(f.last_op().dtype == kBf16);  // priced as a product of bf16
  f.math.gemm(half, dy, Transpose::yes, x, Transpose::no, {.beta = 1}, f.stream);
  CHECK(f.last_op().bytes == 2 * 2 * 24 + 2 * 20 + 2 * 30);
  const Tensor tokens = f.upload({5}, std::vector<std::int32_t>(5, 1));
  f.math.embedding_backward(g, x, tokens, 0, f.stream);
  CHECK(f.last_op().bytes == 30 * (2 + 2 * 4) + 5 * 4);
  f.math.embedding_backward(half, x, tokens, 0, f.stream);
  CHECK(f.last_op().bytes == 30 * (2 + 2 * 2) + 5 * 4);
}

}  // namespace shardpipe
