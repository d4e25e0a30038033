// Causal softmax and rotary positions against f64.
#include "tests/tensor/math_fixture.h"

namespace shardpipe {
namespace {

// scores [N,R,S]: row r sees columns 0..r % S.
Numbers softmax(const Numbers& scores, Index S) {
  Numbers p(scores.size(), 0);
  for (Index row = 0; row * S < static_cast<Index>(scores.size()); ++row) {
    double sum = 0;
    for (Index j = 0; j <= row % S; ++j) sum += std::exp(scores[at(row * S + j)]);
    for (Index j = 0; j <= row % S; ++j)
      p[at(row * S + j)] = std::exp(scores[at(row * S + j)]) / sum;
  }
  return p;
}

Numbers turned(const Numbers& x, Index S, Index C, double theta, double sign) {
  Numbers y(x.size());
  for (Index row = 0; row * C < static_cast<Index>(x.size()); ++row)
    for (Index i = 0; i < C / 2; ++i) {
      const double angle = sign * static_cast<double>(row % S) /
                           std::pow(theta, 2 * static_cast<double>(i) / static_cast<double>(C));
      const double a = x[at(row * C + i)], b = x[at(row * C + i + C / 2)];
      y[at(row * C + i)] = a * std::cos(angle) - b * std::sin(angle);
      y[at(row * C + i + C / 2)] = a * std::sin(angle) + b * std::cos(angle);
    }
  return y;
}

struct SoftmaxCase {
  Index N, groups, S;
};

const SoftmaxCase kSoftmaxCases[] = {{1, 1, 1}, {3, 1, 5}, {2, 3, 7}, {1, 2, 33}};

}  // namespace

TEST_CASE("causal softmax sees its own position and those before, for grouped queries too") {
  for (const SoftmaxCase& c : kSoftmaxCases)
    for (const bool in_place : {false, true}) {
      MathFixture f;
      const Index S = c.S;
      CAPTURE(c.N, c.groups, S, in_place);
      const Shape shape = {c.N, c.groups * S, S};
      Numbers scores = random_numbers(shape.elements(), 1);
      for (double& x : scores) x *= 8;
      const Tensor x = f.upload(shape, scores), p = in_place ? x : f.fresh(shape);
      f.math.causal_softmax(p, x, f.stream);
      // exp twice (above and below the line), its argument rounded: a unit of up to 2 max|x|, and
      // the sum of up to S terms. Relative; what is 0 in f32 may be 1e-38 in f64.
      const double relative = 2 * kExpError + (4 * max_abs(scores) + S / 16.0 + 8) * kUnit;
      CHECK(worst(f.host(p), softmax(scores, S), relative, 1e-37) <= 1);
      Numbers beyond;
      const Numbers result = f.host(p);
      for (Index i = 0; i < shape.elements(); ++i)
        if (i % S > i / S % S) beyond.push_back(result[at(i)]);
      CHECK(beyond == Numbers(beyond.size(), 0));
    }
}

TEST_CASE("causal softmax from a first position: the last queries of a longer sequence") {
  for (const SoftmaxCase& c : kSoftmaxCases)
    for (const Index first : {Index{0}, Index{1}, c.S / 2, c.S - 1}) {
      if (first >= c.S) continue;
      MathFixture f;
      const Index S = c.S, n = S - first;  // queries
      CAPTURE(c.N, c.groups, S, first);
      const Shape whole = {c.N, c.groups * S, S}, part = {c.N, c.groups * n, S};
      const Numbers scores = random_numbers(whole.elements(), 1);
      Numbers some;
      for (Index row = 0; row < c.N * c.groups * S; ++row)
        if (row % S >= first)
          some.insert(some.end(), scores.begin() + row * S, scores.begin() + (row + 1) * S);
      const Tensor p = f.upload(whole, scores), last = f.upload(part, some);
      f.math.causal_softmax(p, p, f.stream);
      f.math.causal_softmax(last, last, first, f.stream);
      const Numbers all = f.host(p);
      Numbers want;
      for (Index row = 0; row < c.N * c.groups * S; ++row)
        if (row % S >= first)
          want.insert(want.end(), all.begin() + row * S, all.begin() + (row + 1) * S);
      CHECK(f.host(last) == want);  // to the bit
    }
}

TEST_CASE("rotary from a first position: the same bits as in a longer sequence") {
  const Index S = 9, C = 6;
  const Numbers numbers = random_numbers(S * C, 1);
  for (const bool inverse : {false, true})
    for (Index first = 0; first < S; ++first) {
      MathFixture f;
      const Tensor x = f.upload({1, 1, S, C}, numbers);
      const Tensor last =
          f.upload({1, 1, S - first, C}, Numbers(numbers.begin() + first * C, numbers.end()));
      f.math.rotary(x, x, 1e4f, inverse, f.stream);
      f.math.rotary(last, last, 1e4f, inverse, first, f.stream);
      const Numbers all = f.host(x);
      CHECK(f.host(last) == Numbers(all.begin() + first * C, all.end()));
    }
}

TEST_CASE("causal softmax takes scores of any size, also beyond what a query sees") {
  MathFixture f;
  const Tensor p = f.fresh({3, 2, 2});
  const Numbers scores = {1e30, -1e30, 3e38, -3e38, 0, 200, -500, 500, -90, 1e30, 90, 90};
  f.math.causal_softmax(p, f.upload({3, 2, 2}, scores), f.stream);
  CHECK(f.host(p) == Numbers{1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0.5, 0.5});
}

TEST_CASE("causal_softmax_backward equals central differences, in place too") {
  for (const SoftmaxCase& c : kSoftmaxCases)
    for (const int in_place : {0, 1, 2}) {
      MathFixture f;
      const Index S = c.S;
      CAPTURE(c.N, c.groups, S, in_place);
      const Shape shape = {c.N, c.groups * S, S};
      const Numbers scores = random_numbers(shape.elements(), 1);
      const Numbers dp = random_numbers(shape.elements(), 2);  // beyond the diagonal too
      const Tensor p = f.fresh(shape), d = f.upload(shape, dp);
      f.math.causal_softmax(p, f.upload(shape, scores), f.stream);
      const Tensor dscores = in_place == 0 ? f.fresh(shape) : in_place == 1 ? d : p;
      f.math.causal_softmax_backward(dscores, d, p, f.stream);
      const auto forward = [&](const Numbers& x) { return softmax(x, S); };
      // p is within 1e-6; p (dp - mean) is at most 2 max|dp| p.
      const double bound = max_abs(dp) * (2 * 1e-6 + (S / 16.0 + 8) * kUnit + kDifferenceError);
      CHECK(worst(f.host(dscores), gradient(forward, scores, dp), 0, bound) <= 1);
    }
}

TEST_CASE("rotary turns pairs by the angle of their position; inverse turns back") {
  for (const Index S : {1, 3, 17})
    for (const Index C : {2, 6, 34})
      for (const bool inverse : {false, true}) {
        MathFixture f;
        CAPTURE(S, C, inverse);
        const Shape shape = {2, 3, S, C};
        const Numbers numbers = random_numbers(shape.elements(), 1);
        const Tensor x = f.upload(shape, numbers), y = f.fresh(shape);
        f.math.rotary(y, x, 1e4f, inverse, f.stream);
        const Numbers expected = turned(numbers, S, C, 1e4, inverse ? -1 : 1);
        // cosine and sine rounded, two products, one sum: 4 units of both operands.
        const double bound = 4 * kUnit * 2 * max_abs(numbers);
        CHECK(worst(f.host(y), expected, 0, bound) <= 1);
        f.math.rotary(x, x, 1e4f, inverse, f.stream);
        CHECK(f.host(x) == f.host(y));
        f.math.rotary(x, x, 1e4f, !inverse, f.stream);
        CHECK(worst(f.host(x), numbers, 0, 2 * bound) <= 1);
      }
}

TEST_CASE("rotary keeps its accuracy over many positions") {
  MathFixture f;
  const Index S = 8192, C = 2;
  Numbers numbers;
  for (Index s = 0; s < S; ++s) numbers.insert(numbers.end(), {1, 0});
  const Tensor x = f.upload({1, 1, S, C}, numbers);
  f.math.rotary(x, x, 1e4f, false, f.stream);
  CHECK(worst(f.host(x), turned(numbers, S, C, 1e4, 1), 0, 2 * kUnit) <= 1);
}

TEST_CASE("the inverse rotation is the transpose: the backward of rotary") {
  // <Rx, y> = <x, R'y> on random data.
  MathFixture f;
  const Shape shape = {1, 2, 5, 6};
  const Numbers x = random_numbers(shape.elements(), 1), y = random_numbers(shape.elements(), 2);
  const Tensor rx = f.fresh(shape), ry = f.fresh(shape);
  f.math.rotary(rx, f.upload(shape, x), 1e4f, false, f.stream);
  f.math.rotary(ry, f.upload(shape, y), 1e4f, true, f.stream);
  const Numbers a = f.host(rx), b = f.host(ry);
  double left = 0, right = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    left += a[i] * y[i];
    right += x[i] * b[i];
  }
  const double size = static_cast<double>(x.size()) * max_abs(x) * max_abs(y);
  CHECK(std::abs(left - right) <= 8 * kUnit * size);
  CHECK(std::abs(left) > 0.01);
}

}  // namespace shardpipe
