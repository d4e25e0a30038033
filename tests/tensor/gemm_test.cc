// gemm against a product in f64. Linked twice: with the BLAS of the library and with the plain
// product (tests/tensor/CMakeLists.txt).
#include "tests/tensor/math_fixture.h"

namespace shardpipe {
namespace {

struct Case {
  Index batch, m, n, k;
  Transpose op_a, op_b;
  float alpha, beta;
};

Shape matrix(Index batch, Index rows, Index columns, Transpose op) {
  if (op == Transpose::yes) std::swap(rows, columns);
  return {batch, rows, columns};
}

// The product, and the bound of its error: k products and sums in any order and two more for alpha
// and beta give (k + 3) units of alpha |a| |b| + |beta c| (Higham, Accuracy and Stability, 3.5).
struct Reference {
  Numbers value, bound;
};

Reference reference(const Case& s, const Numbers& a, const Numbers& b, const Numbers& c) {
  Reference r;
  for (Index i = 0; i < s.batch * s.m * s.n; ++i) {
    const Index batch = i / (s.m * s.n), row = i / s.n % s.m, column = i % s.n;
    double sum = 0, size = 0;
    for (Index l = 0; l < s.k; ++l) {
      const Index ai = s.op_a == Transpose::yes ? l * s.m + row : row * s.k + l;
      const Index bi = s.op_b == Transpose::yes ? column * s.k + l : l * s.n + column;
      const double term = a[at(batch * s.m * s.k + ai)] * b[at(batch * s.k * s.n + bi)];
      sum += term;
      size += std::abs(term);
    }
    const double old = s.beta == 0 ? 0 : s.beta * c[at(i)];
    r.value.push_back(s.alpha * sum + old);
    r.bound.push_back(static_cast<double>(s.k + 3) * kUnit *
                      (std::abs(s.alpha) * size + std::abs(old)));
  }
  return r;
}

// beta = 0 runs on memory nobody wrote (NaN).
Numbers run(MathFixture& f, const Case& s, const Numbers& a, const Numbers& b, const Numbers& c) {
  const Shape shape = {s.batch, s.m, s.n};
  const Tensor out = s.beta == 0 ? f.fresh(shape) : f.upload(shape, c);
  f.math.gemm(out, f.upload(matrix(s.batch, s.m, s.k, s.op_a), a), s.op_a,
              f.upload(matrix(s.batch, s.k, s.n, s.op_b), b), s.op_b,
              {.alpha = s.alpha, .beta = s.beta}, f.stream);
  return f.host(out);
}

std::vector<Case> cases() {
  const Index sizes[][4] = {{1, 1, 1, 1},      {1, 7, 5, 3},   {3, 17, 33, 19},
                            {2, 65, 130, 300}, {1, 5, 513, 2}, {3, 0, 4, 5},
                            {3, 4, 0, 5},      {2, 4, 3, 0},   {0, 4, 3, 2}};
  std::vector<Case> all;
  for (const auto& [batch, m, n, k] : sizes)
    for (const Transpose op_a : {Transpose::no, Transpose::yes})
      for (const Transpose op_b : {Transpose::no, Transpose::yes})
        for (const auto& [alpha, beta] : {std::pair{1.0f, 0.0f}, {1.0f, 1.0f}, {0.5f, -2.0f}})
          all.push_back({batch, m, n, k, op_a, op_b, alpha, beta});
  return all;
}

void describe(const Case& s) {
  UNSCOPED_INFO("batch " << s.batch << " m " << s.m << " n " << s.n << " k " << s.k << " op_a "
                         << (s.op_a == Transpose::yes) << " op_b " << (s.op_b == Transpose::yes)
                         << " alpha " << s.alpha << " beta " << s.beta);
}

}  // namespace

TEST_CASE("gemm equals the product in f64 within the bound") {
  MathFixture f;
  for (const Case& s : cases()) {
    const Numbers a = random_numbers(s.batch * s.m * s.k, 1);
    const Numbers b = random_numbers(s.batch * s.k * s.n, 2);
    const Numbers c = random_numbers(s.batch * s.m * s.n, 3);
    const Reference expected = reference(s, a, b, c);
    describe(s);
    CHECK(worst(run(f, s, a, b, c), expected.value, expected.bound) <= 1);
  }
}

TEST_CASE("gemm of integers is exact, bit for bit") {
  MathFixture f;
  for (const Case& s : cases()) {
    const Numbers a = integer_numbers(s.batch * s.m * s.k, 4);
    const Numbers b = integer_numbers(s.batch * s.k * s.n, 5);
    const Numbers c = integer_numbers(s.batch * s.m * s.n, 6);
    describe(s);
    CHECK(run(f, s, a, b, c) == reference(s, a, b, c).value);
  }
}

TEST_CASE("gemm of grouped queries: the g heads that share a key head are rows of one matrix") {
  // B = 2 sequences, Hk = 3 key heads, g = 2 queries a key head, S = 5 positions, C = 4.
  MathFixture f;
  const Index B = 2, Hk = 3, g = 2, S = 5, C = 4;
  const Numbers q = random_numbers(B * Hk * g * S * C, 7), k = random_numbers(B * Hk * S * C, 8);
  const Tensor scores = f.fresh({B * Hk, g * S, S});
  const Tensor heads = f.upload({B, Hk * g, S, C}, q);
  f.math.gemm(scores, heads.reshape({B * Hk, g * S, C}), Transpose::no, f.upload({B * Hk, S, C}, k),
              Transpose::yes, {}, f.stream);
  Numbers expected;
  for (Index head = 0; head < B * Hk * g; ++head)  // one product a query head, key head = head / g
    for (Index i = 0; i < S; ++i)
      for (Index j = 0; j < S; ++j) {
        double sum = 0;
        for (Index c = 0; c < C; ++c)
          sum += q[at((head * S + i) * C + c)] * k[at((head / g * S + j) * C + c)];
        expected.push_back(sum);
      }
  // |q| and |k| stay below 5, so the bound of the first test is below 8 units of C * 25.
  CHECK(worst(f.host(scores), expected, 0, 8 * kUnit * C * 25) <= 1);
}

TEST_CASE("gemm with the first rows of a longer b: a cache whose rest nobody wrote") {
  const Index batch = 3, m = 2, rows = 5, room = 9, C = 4;
  const Numbers b = random_numbers(batch * rows * C, 2);
  for (const Transpose op_b : {Transpose::no, Transpose::yes}) {
    MathFixture f;
    const Index k = op_b == Transpose::yes ? C : rows, n = op_b == Transpose::yes ? rows : C;
    const Tensor a = f.upload({batch, m, k}, random_numbers(batch * m * k, 1));
    const Tensor exact = f.upload({batch, rows, C}, b), cache = f.fresh({batch, room, C});  // NaN
    f.math.copy_columns(cache.reshape({batch, room * C}), 0, exact.reshape({batch, rows * C}), 0,
                        rows * C, f.stream);
    const Tensor want = f.fresh({batch, m, n}), out = f.fresh({batch, m, n});
    f.math.gemm(want, a, Transpose::no, exact, op_b, {}, f.stream);
    f.math.gemm(out, a, Transpose::no, cache, op_b, {.b_rows = rows}, f.stream);
    CHECK(f.host(out) == f.host(want));
  }
}

TEST_CASE("gemm takes 2 and 4 dimensions and gives the same bits twice") {
  MathFixture f;
  const Numbers a = random_numbers(6 * 7 * 5, 9), b = random_numbers(6 * 5 * 3, 10);
  const Tensor four = f.fresh({2, 3, 7, 3}), three = f.fresh({6, 7, 3});
  f.math.gemm(four, f.upload({2, 3, 7, 5}, a), Transpose::no, f.upload({2, 3, 5, 3}, b),
              Transpose::no, {}, f.stream);
  f.math.gemm(three, f.upload({6, 7, 5}, a), Transpose::no, f.upload({6, 5, 3}, b), Transpose::no,
              {}, f.stream);
  CHECK(f.host(four) == f.host(three));
  const Tensor two = f.fresh({7, 3});
  f.math.gemm(two, f.upload({6, 7, 5}, a).slice(0, 1).reshape({7, 5}), Transpose::no,
              f.upload({6, 5, 3}, b).slice(0, 1).reshape({5, 3}), Transpose::no, {}, f.stream);
  CHECK(f.host(two) == f.host(three.slice(0, 1)));
}

}  // namespace shardpipe
