// AdamW and SGD against f64 over several steps.
#include "tests/tensor/math_fixture.h"

namespace shardpipe {

TEST_CASE("adamw follows algorithm 2 of the paper over several steps") {
  MathFixture f;
  const Index n = 37;
  const AdamWOptions o{.learning_rate = 0.01f,
                       .beta1 = 0.8f,
                       .beta2 = 0.9f,
                       .epsilon = 1e-3f,  // large, so that its place shows
                       .weight_decay = 0.1f};
  Numbers w = random_numbers(n, 1), m(at(n), 0), v(at(n), 0);
  const Tensor value = f.upload({n}, w), mt = f.upload({n}, m), vt = f.upload({n}, v);
  for (int step = 1; step <= 4; ++step) {
    const Numbers g = random_numbers(n, static_cast<std::uint64_t>(10 + step));
    AdamWOptions options = o;
    options.step = step;
    f.math.adamw(value, f.upload({n}, g), mt, vt, options, f.stream);
    for (std::size_t i = 0; i < at(n); ++i) {
      m[i] = o.beta1 * m[i] + (1 - static_cast<double>(o.beta1)) * g[i];
      v[i] = o.beta2 * v[i] + (1 - static_cast<double>(o.beta2)) * g[i] * g[i];
      const double m_hat = m[i] / (1 - std::pow(o.beta1, step));
      const double v_hat = v[i] / (1 - std::pow(o.beta2, step));
      w[i] -= o.learning_rate * (m_hat / (std::sqrt(v_hat) + o.epsilon) + o.weight_decay * w[i]);
    }
    // A step costs about 4 units of m, 5 of v and 12 of the update; m may cancel, so it is measured
    // by the largest gradient. The update is that error over sqrt(v), here at most a factor of 20.
    const double units = step * kUnit;
    const double size = 1 + max_abs(g);
    CHECK(worst(f.host(mt), m, 0, 4 * units * size) <= 1);
    CHECK(worst(f.host(vt), v, 6 * units) <= 1);
    CHECK(worst(f.host(value), w, 0, units * (max_abs(w) + o.learning_rate * 12 * 20)) <= 1);
  }
}

// torch.nn.utils.clip_grad_norm_: grad * clamp(max_norm / (norm + 1e-6), max=1).
TEST_CASE("clip is PyTorch's: 1e-6 beside the norm, NaN and infinity pass through") {
  MathFixture f;
  const auto clipped = [&](const Numbers& g, float max_norm) {
    const Tensor x = f.upload({static_cast<Index>(g.size())}, g), sum = f.upload({1}, Numbers{0});
    f.math.add_squares(sum, x, f.stream);
    f.math.clip(x, sum, max_norm, f.stream);
    return f.host(x);
  };
  const Numbers g = {3e-6, -4e-6};
  const Numbers is = clipped(g, 1e-6f);
  for (std::size_t i = 0; i < 2; ++i)  // 5e-6 + 1e-6; without it the factor would be 1 / 5
    CHECK(is[i] == Approx(g[i] / 6).epsilon(1e-5));
  CHECK(clipped({3, 4}, 5.5f) == Numbers{3, 4});
  CHECK(clipped({3, 4}, 5)[0] < 3);  // just above: 5 / (5 + 1e-6)
  CHECK(clipped({0, 0}, 1) == Numbers{0, 0});
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  for (const double x : clipped({1, nan, 2}, 1e9f)) CHECK(std::isnan(x));
  const Numbers from_infinity = clipped({1, infinity}, 1);
  CHECK(from_infinity[0] == 0);
  CHECK(std::isnan(from_infinity[1]));
}

TEST_CASE("sgd steps against the gradient") {
  MathFixture f;
  const Index n = 21;
  const Numbers w = random_numbers(n, 1), g = random_numbers(n, 2);
  const Tensor value = f.upload({n}, w);
  f.math.sgd(value, f.upload({n}, g), 0.25f, f.stream);
  Numbers expected;
  for (std::size_t i = 0; i < at(n); ++i)
    expected.push_back(static_cast<float>(w[i]) - 0.25f * static_cast<float>(g[i]));
  CHECK(f.host(value) == expected);
}

}  // namespace shardpipe
