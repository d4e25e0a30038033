// Sums, biases, and what in place allows.
#include "tests/tensor/math_fixture.h"

namespace shardpipe {

TEST_CASE("add and scale are exact to one rounding, in place too") {
  for (const Index n : {1, 3, 16, 37, 1000}) {
    MathFixture f;
    const Numbers a = random_numbers(n, 1), b = random_numbers(n, 2);
    Numbers sum, scaled, twice;
    for (Index i = 0; i < n; ++i) {
      sum.push_back(static_cast<float>(a[at(i)]) + static_cast<float>(b[at(i)]));
      scaled.push_back(-1.7f * static_cast<float>(a[at(i)]));
      twice.push_back(2 * a[at(i)]);
    }
    const Tensor x = f.upload({n}, a), y = f.upload({n}, b), out = f.fresh({n});
    f.math.add(out, x, y, f.stream);
    CHECK(f.host(out) == sum);
    f.math.scale(out, x, -1.7f, f.stream);
    CHECK(f.host(out) == scaled);
    f.math.add(y, x, y, f.stream);
    CHECK(f.host(y) == sum);
    const Tensor z = f.upload({n}, a);
    f.math.scale(z, z, -1.7f, f.stream);
    CHECK(f.host(z) == scaled);
    f.math.add(x, x, x, f.stream);
    CHECK(f.host(x) == twice);
  }
}

TEST_CASE("add_bias adds to every row, bias_backward sums rows into what is there") {
  for (const Index T : {1, 3, 4, 7, 66})
    for (const Index F : {1, 5, 16, 33}) {
      MathFixture f;
      CAPTURE(T, F);
      const Numbers y = random_numbers(T * F, 1), bias = random_numbers(F, 2);
      const Numbers dbias = random_numbers(F, 3);
      Numbers expected_y, expected_dbias = dbias, size = dbias;
      for (double& s : size) s = std::abs(s);
      for (Index i = 0; i < T * F; ++i) {
        expected_y.push_back(static_cast<float>(y[at(i)]) + static_cast<float>(bias[at(i % F)]));
        expected_dbias[at(i % F)] += y[at(i)];
        size[at(i % F)] += std::abs(y[at(i)]);
      }
      const Tensor dy = f.upload({T, F}, y), db = f.upload({F}, dbias);
      f.math.bias_backward(db, dy, f.stream);
      for (double& s : size) s *= static_cast<double>(T) * kUnit;  // T additions
      CHECK(worst(f.host(db), expected_dbias, size) <= 1);
      f.math.add_bias(dy, f.upload({F}, bias), f.stream);
      CHECK(f.host(dy) == expected_y);
    }
}

TEST_CASE("bias_backward of integers is exact") {
  MathFixture f;
  const Index T = 1023, F = 19;
  const Numbers dy = integer_numbers(T * F, 1);
  Numbers expected(at(F), 5);
  for (Index i = 0; i < T * F; ++i) expected[at(i % F)] += dy[at(i)];
  const Tensor dbias = f.upload({F}, Numbers(at(F), 5));
  f.math.bias_backward(dbias, f.upload({T, F}, dy), f.stream);
  CHECK(f.host(dbias) == expected);
}

TEST_CASE("an element has the same bits wherever it stands") {
  // A rank holds other columns than its neighbour, so a result may not depend on whether an element
  // falls into the vector part of a loop or into its remainder.
  MathFixture f;
  const Index n = 131;
  const Numbers numbers = random_numbers(n, 1);
  const Tensor x = f.upload({n}, numbers), y = f.fresh({n});
  for (const GeluKind kind : {GeluKind::tanh, GeluKind::erf}) {
    f.math.gelu(y, x, kind, f.stream);
    const Numbers together = f.host(y);
    for (Index i = 0; i < n; ++i) {
      const Tensor one = f.fresh({1});
      f.math.gelu(one, x.slice(i, 1), kind, f.stream);
      REQUIRE(f.host(one)[0] == together[at(i)]);
    }
  }
}

}  // namespace shardpipe
