// exp, GELU and SiLU against f64: the errors that vector_math.h states, over their whole range.
#include <bit>

#include "tests/tensor/math_fixture.h"

namespace shardpipe {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// n numbers from first to last, exact in f32.
Numbers range(double first, double last, Index n) {
  Numbers numbers;
  for (Index i = 0; i < n; ++i)
    numbers.push_back(static_cast<float>(first + (last - first) * static_cast<double>(i) /
                                                     static_cast<double>(n - 1)));
  return numbers;
}

double gelu(double x, GeluKind kind) {
  const double u = std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x);
  return kind == GeluKind::tanh ? 0.5 * x * (1 + std::tanh(u))
                                : 0.5 * x * (1 + std::erf(x / std::sqrt(2)));
}

double silu(double x) { return x / (1 + std::exp(-x)); }

Numbers map(const Numbers& in, const std::function<double(double)>& f) {
  Numbers out;
  for (const double x : in) out.push_back(f(x));
  return out;
}

Numbers exp_of(MathFixture& f, const Numbers& x) {
  const Index n = static_cast<Index>(x.size());
  const Tensor p = f.fresh({1, n});
  f.math.exp_minus(p, f.upload({1, n}, x), f.upload({1}, Numbers{0}), n, f.stream);
  return f.host(p);
}

}  // namespace

TEST_CASE("exp is within 1e-7 from the smallest normal number to the largest") {
  MathFixture f;
  const Numbers x = range(-87.33, 88.72, 400001);
  const double error = worst(exp_of(f, x), map(x, [](double v) { return std::exp(v); }), 1);
  CAPTURE(error);
  CHECK(error < kExpError);
}

TEST_CASE("exp outside of that range") {
  MathFixture f;
  CHECK(exp_of(f, {0, -87.4, -1e4, -kInfinity, 88.73, 1e30, kInfinity}) ==
        Numbers{1, 0, 0, 0, kInfinity, kInfinity, kInfinity});
  for (const std::uint32_t nan : {0x7fc00000u, 0x7fc00001u, 0xffffffffu})  // any of them
    CHECK(std::isnan(exp_of(f, {std::bit_cast<float>(nan)})[0]));
}

TEST_CASE("gelu is within 4e-7 of x") {
  // y = x s with s in [0,1]: the error of s is below 5 units from the argument of exp (|z| s (1-s)
  // <= 0.23), 1e-7 from exp and 3 roundings, so below 4e-7.
  MathFixture f;
  for (const GeluKind kind : {GeluKind::tanh, GeluKind::erf}) {
    const Numbers x = range(-20, 20, 200001);
    const Index n = static_cast<Index>(x.size());
    const Tensor y = f.fresh({n});
    f.math.gelu(y, f.upload({n}, x), kind, f.stream);
    Numbers bound;
    for (const double v : x) bound.push_back(4e-7 * std::abs(v));
    const double error = worst(f.host(y), map(x, [&](double v) { return gelu(v, kind); }), bound);
    CAPTURE(static_cast<int>(kind), error);
    CHECK(error <= 1);
  }
}

// Whoever grades an MLP on integers relies on it (labs/grade/day02/mlp_numbers.h).
TEST_CASE("from 16 on, gelu is x or 0 and its slope 1 or 0, to the last bit") {
  MathFixture f;
  Numbers x = {0}, y = {0}, slope = {0.5};
  for (int i = 1; i <= 4000; ++i)
    for (const double sign : {1, -1}) {
      x.push_back(sign * 16 * i);
      y.push_back(sign > 0 ? 16 * i : 0);
      slope.push_back(sign > 0 ? 1 : 0);
    }
  const Index n = static_cast<Index>(x.size());
  const Tensor out = f.fresh({n});
  f.math.gelu(out, f.upload({n}, x), GeluKind::tanh, f.stream);
  CHECK(f.host(out) == y);
  f.math.gelu_backward(out, f.upload({n}, Numbers(at(n), 1)), f.upload({n}, x), GeluKind::tanh,
                       f.stream);
  CHECK(f.host(out) == slope);
}

TEST_CASE("gelu_backward equals central differences") {
  // The derivative stays below 1.13. Its second term x s (1-s) u'(x) multiplies the error of s by
  // at most x u'(x), which is below 12 where s (1-s) is not yet negligible.
  MathFixture f;
  for (const GeluKind kind : {GeluKind::tanh, GeluKind::erf}) {
    const Numbers x = range(-8, 8, 3001), dy = random_numbers(3001, 1);
    const Tensor dx = f.fresh({3001});
    f.math.gelu_backward(dx, f.upload({3001}, dy), f.upload({3001}, x), kind, f.stream);
    Numbers expected, bound;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double h = 1e-4;
      expected.push_back(dy[i] * (gelu(x[i] + h, kind) - gelu(x[i] - h, kind)) / (2 * h));
      bound.push_back(std::abs(dy[i]) * (12 * kUnit * 4 + kDifferenceError));
    }
    const double error = worst(f.host(dx), expected, bound);
    CAPTURE(static_cast<int>(kind), error);
    CHECK(error <= 1);
  }
}

TEST_CASE("silu_gate and its backward equal f64 and central differences") {
  for (const Index T : {1, 3})
    for (const Index F : {1, 5, 19}) {
      MathFixture f;
      CAPTURE(T, F);
      Numbers gate_up = random_numbers(T * 2 * F, 1);
      for (double& x : gate_up) x *= 4;
      const Numbers dy = random_numbers(T * F, 2);
      const auto forward = [&](const Numbers& in) {
        Numbers out;
        for (Index t = 0; t < T; ++t)
          for (Index j = 0; j < F; ++j)
            out.push_back(silu(in[at(t * 2 * F + j)]) * in[at(t * 2 * F + F + j)]);
        return out;
      };
      const Tensor x = f.upload({T, 2 * F}, gate_up), y = f.fresh({T, F});
      f.math.silu_gate(y, x, f.stream);
      // silu: 4e-7 of x as for gelu; up multiplies.
      const double size = max_abs(gate_up);
      CHECK(worst(f.host(y), forward(gate_up), 0, 4e-7 * size * size) <= 1);
      const Tensor dx = f.fresh({T, 2 * F});
      f.math.silu_gate_backward(dx, f.upload({T, F}, dy), x, f.stream);
      // Each gradient is dy times a product of the same factors; differences are of size^2 too.
      const double scale = max_abs(dy) * (1 + size);
      CHECK(worst(f.host(dx), gradient(forward, gate_up, dy), 0,
                  (6e-7 + kDifferenceError) * scale) <= 1);
    }
}

}  // namespace shardpipe
