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

TEST_CASE("reduce_local: sum and maximum of f32, bf16 and i32, in place too") {
  MathFixture f;
  const Index n = 37;
  for (const DType dtype : {DType::f32, DType::bf16, DType::i32}) {
    const auto tensor_of = [&](int factor) {
      const Tensor x = f.fresh({n}, dtype);
      std::vector<std::int32_t> v;
      for (int i = 0; i < n; ++i) v.push_back(i * factor % 19 - 9);
      if (dtype == DType::i32)
        f.math.upload(x, v, f.stream);
      else
        f.math.upload(x, std::vector<float>(v.begin(), v.end()), f.stream);
      return x;
    };
    const auto numbers_of = [&](const Tensor& x) {
      if (dtype != DType::i32) return f.math.to_host(x, f.stream);
      const auto v = f.math.to_host_integers(x, f.stream);
      return std::vector<float>(v.begin(), v.end());
    };
    for (const ReduceOp op : {ReduceOp::sum, ReduceOp::max}) {
      const Tensor a = tensor_of(5), b = tensor_of(7), out = f.fresh({n}, dtype);
      std::vector<float> want;
      for (int i = 0; i < n; ++i) {
        const int x = i * 5 % 19 - 9, y = i * 7 % 19 - 9;
        want.push_back(static_cast<float>(op == ReduceOp::sum ? x + y : std::max(x, y)));
      }
      f.math.reduce_local(out, a, b, op, f.stream);
      CHECK(numbers_of(out) == want);
      f.math.reduce_local(a, a, b, op, f.stream);
      CHECK(numbers_of(a) == want);
    }
  }
}

TEST_CASE("reduce_local: a bf16 sum is rounded once; of two zeros the first is the larger") {
  MathFixture f;
  const Tensor a = f.fresh({1}, DType::bf16), b = f.fresh({1}, DType::bf16);
  f.math.upload(a, std::vector<float>{256}, f.stream);
  f.math.upload(b, std::vector<float>{3}, f.stream);
  f.math.reduce_local(a, a, b, ReduceOp::sum, f.stream);
  CHECK(f.math.to_host(a, f.stream)[0] == 260);  // 259 lies between 258 and 260: to even
  const Tensor plus = f.upload({1}, Numbers{0.0}), minus = f.upload({1}, Numbers{-0.0}),
               out = f.fresh({1});
  f.math.reduce_local(out, minus, plus, ReduceOp::max, f.stream);
  CHECK(std::signbit(f.math.to_host(out, f.stream)[0]));
  f.math.reduce_local(out, plus, minus, ReduceOp::max, f.stream);
  CHECK_FALSE(std::signbit(f.math.to_host(out, f.stream)[0]));
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
