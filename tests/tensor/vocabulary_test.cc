// Embedding and cross entropy, whole and split over three ranks' shares of the vocabulary.
#include "tests/support/usage_error.h"
#include "tests/tensor/math_fixture.h"

namespace shardpipe {
namespace {

using Tokens = std::vector<std::int32_t>;

// Mean over rows of log(sum exp) - target, over all V columns.
double cross_entropy(const Numbers& logits, const Tokens& targets, Index V) {
  double loss = 0;
  for (std::size_t t = 0; t < targets.size(); ++t) {
    double sum = 0;
    for (Index j = 0; j < V; ++j) sum += std::exp(logits[t * at(V) + at(j)]);
    loss += std::log(sum) - logits[t * at(V) + at(targets[t])];
  }
  return loss / static_cast<double>(targets.size());
}

}  // namespace

TEST_CASE("embedding gathers rows of this rank's share and zero for the others") {
  MathFixture f;
  const Index V = 5, D = 3, first = 10;
  const Numbers table = random_numbers(V * D, 1);
  const Tokens tokens = {12, 9, 15, 10, 14, 12, -1, 0};
  const Index T = static_cast<Index>(tokens.size());
  const Tensor y = f.fresh({T, D}), t = f.upload({T}, tokens);
  f.math.embedding(y, f.upload({V, D}, table), t, first, f.stream);
  const Numbers dy = random_numbers(T * D, 2), start = random_numbers(V * D, 3);
  Numbers expected, gradient = start;
  for (Index i = 0; i < T * D; ++i) {
    const Index row = tokens[at(i / D)] - first;
    const bool ours = row >= 0 && row < V;
    expected.push_back(ours ? table[at(row * D + i % D)] : 0);
    // In f32 and in the order of the tokens: token 12 stands there twice.
    double& g = gradient[at(ours ? row * D + i % D : 0)];
    if (ours) g = static_cast<float>(g) + static_cast<float>(dy[at(i)]);
  }
  CHECK(f.host(y) == expected);
  const Tensor dtable = f.upload({V, D}, start);
  f.math.embedding_backward(dtable, f.upload({T, D}, dy), t, first, f.stream);
  CHECK(f.host(dtable) == gradient);
}

TEST_CASE("row_max, row_sum and exp_minus stop at the padding") {
  for (const Index V : {1, 7, 16, 45})
    for (const Index columns : {Index{0}, V / 2, V}) {
      MathFixture f;
      CAPTURE(V, columns);
      const Index T = 3;
      const Numbers x = random_numbers(T * V, 1), top = random_numbers(T, 2);
      Numbers max(at(T), -std::numeric_limits<double>::infinity()), sum(at(T), 0), size(at(T), 0);
      Numbers p(at(T * V), 0);
      for (Index i = 0; i < T * V; ++i) {
        if (i % V >= columns) continue;
        max[at(i / V)] = std::max(max[at(i / V)], x[at(i)]);
        sum[at(i / V)] += x[at(i)];
        size[at(i / V)] += std::abs(x[at(i)]) * (static_cast<double>(V) / 16 + 4) * kUnit;
        p[at(i)] = std::exp(x[at(i)] - top[at(i / V)]);
      }
      const Tensor in = f.upload({T, V}, x), out = f.fresh({T});
      f.math.row_max(out, in, columns, f.stream);
      CHECK(f.host(out) == max);
      f.math.row_sum(out, in, columns, f.stream);
      CHECK(worst(f.host(out), sum, size) <= 1);
      const Tensor apart = f.fresh({T, V}), m = f.upload({T}, top);
      f.math.exp_minus(apart, in, m, columns, f.stream);
      const double bound = kExpError + kUnit * (max_abs(x) + max_abs(top));
      CHECK(worst(f.host(apart), p, bound) <= 1);
      f.math.exp_minus(in, in, m, columns, f.stream);
      CHECK(f.host(in) == f.host(apart));
    }
}

TEST_CASE("row_arg_max finds the first of the largest, and stops at the padding") {
  MathFixture f;
  const Numbers x = {1,  7,  7,  9,  //
                     -3, -5, -3, 9,  //
                     0,  0,  0,  9};
  const Tensor in = f.upload({3, 4}, x), out = f.fresh({3, 2});
  f.math.row_arg_max(out, in, 3, 100, f.stream);
  CHECK(f.host(out) == Numbers{7, 101, -3, 100, 0, 100});
  f.math.row_arg_max(out, in, 4, 0, f.stream);
  CHECK(f.host(out) == Numbers{9, 3, 9, 3, 9, 3});
  f.math.row_arg_max(out, in, 0, 8, f.stream);
  const double none = -std::numeric_limits<double>::infinity();
  CHECK(f.host(out) == Numbers{none, 8, none, 8, none, 8});
  for (const Index V : {1, 15, 16, 17, 45}) {  // longer than a vector, the largest anywhere
    const Tensor wide = f.upload({V, V}, [&] {
      Numbers eye(at(V * V), -2);
      for (Index i = 0; i < V; ++i) eye[at(i * V + i)] = -1;
      return eye;
    }());
    const Tensor pairs = f.fresh({V, 2});
    f.math.row_arg_max(pairs, wide, V, 0, f.stream);
    Numbers want;
    for (Index i = 0; i < V; ++i) want.insert(want.end(), {-1, static_cast<double>(i)});
    CHECK(f.host(pairs) == want);
  }
}

TEST_CASE("row_arg_max of a row with NaN is an error of input, wherever the NaN is") {
  MathFixture f;
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const Index V : {1, 7, 40})
    for (Index where = 0; where < V; ++where) {
      Numbers x(at(2 * V), 1);
      x[at(V + where)] = nan;
      const Tensor in = f.upload({2, V}, x), out = f.fresh({2, 2});
      CHECK(lacks(usage_message([&] { f.math.row_arg_max(out, in, V, 0, f.stream); }),
                  {"logits of row 1", "NaN"}) == "");
      f.math.row_arg_max(out, in, where, 0, f.stream);  // one column less: not looked at
    }
}

TEST_CASE("pick_largest: a rank that found none decides, wherever it is") {
  MathFixture f;
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const Tensor tokens = f.fresh({3}, DType::i32);
  f.math.pick_largest(tokens,
                      f.upload({2, 3, 2}, Numbers{nan, -1, 5, 1, 2, 0,  //
                                                  9, 4, nan, -1, 1, 1}),
                      f.stream);
  CHECK(f.math.to_host_integers(tokens, f.stream) == Tokens{-1, -1, 0});
}

TEST_CASE("pick_largest: of equal values the lowest token wins, whatever the order of the pairs") {
  MathFixture f;
  const double none = -std::numeric_limits<double>::infinity();
  const Tensor tokens = f.fresh({3}, DType::i32);
  f.math.pick_largest(tokens,
                      f.upload({3, 3, 2}, Numbers{1, 4, 2, 9, none, 0,  //
                                                  1, 2, 3, 8, 5, 16777216, 0, 1, 3, 5, none, 3}),
                      f.stream);
  CHECK(f.math.to_host_integers(tokens, f.stream) == Tokens{2, 5, 16777216});
}

TEST_CASE("row_sum of integers is exact") {
  MathFixture f;
  const Index V = 10007;
  const Numbers x = integer_numbers(V, 1);
  double sum = 0;
  for (const double v : x) sum += v;
  const Tensor out = f.fresh({1});
  f.math.row_sum(out, f.upload({1, V}, x), V, f.stream);
  CHECK(f.host(out) == Numbers{sum});
}

// The vocabulary is cut into shares of 4, 4 and 4 columns of which 3 count in the last one: what
// the ranks exchange (max, sum, target) is combined here by hand.
TEST_CASE("cross entropy over three shares of the vocabulary, with padding") {
  MathFixture f;
  const Index T = 5, V = 11, share = 4, ranks = 3;
  Numbers logits = random_numbers(T * V, 1);
  for (double& x : logits) x = static_cast<float>(4 * x);
  const Tokens tokens = {0, 3, 4, 10, 8};
  const Tensor targets = f.upload({T}, tokens);
  const auto columns_of = [&](Index rank) { return std::min(share, V - rank * share); };
  const auto part = [&](Index rank) {
    Numbers x(at(T * share), 1e30);  // padding, which must not count
    for (Index t = 0; t < T; ++t)
      for (Index j = 0; j < columns_of(rank); ++j)
        x[at(t * share + j)] = logits[at(t * V + rank * share + j)];
    return f.upload({T, share}, x);
  };
  const Tensor out = f.fresh({T});
  Numbers max(at(T), -1e30), sum(at(T), 0), target(at(T), 0);
  for (Index rank = 0; rank < ranks; ++rank) {
    f.math.row_max(out, part(rank), columns_of(rank), f.stream);
    const Numbers local = f.host(out);
    for (Index t = 0; t < T; ++t) max[at(t)] = std::max(max[at(t)], local[at(t)]);
  }
  const Tensor max_all = f.upload({T}, max);
  std::vector<Tensor> p;
  for (Index rank = 0; rank < ranks; ++rank) {
    const Tensor x = part(rank);
    f.math.pick_target(out, x, targets, rank * share, f.stream);
    target = sum_of(target, f.host(out));
    p.push_back(f.fresh({T, share}));
    f.math.exp_minus(p.back(), x, max_all, columns_of(rank), f.stream);
    f.math.row_sum(out, p.back(), columns_of(rank), f.stream);
    sum = sum_of(sum, f.host(out));
  }
  const Tensor loss = f.fresh({1}), sum_all = f.upload({T}, sum);
  f.math.cross_entropy(loss, sum_all, max_all, f.upload({T}, target), f.stream);
  // log of a sum within 1e-6, and a rounding of the mean.
  const double expected = cross_entropy(logits, tokens, V);
  CHECK(std::abs(f.host(loss)[0] - expected) <= 1e-6 + 4 * kUnit * max_abs(logits));

  const double scale = -0.3f;
  const auto forward = [&](const Numbers& x) {
    return Numbers{static_cast<double>(T) * cross_entropy(x, tokens, V)};
  };
  const Numbers dlogits = gradient(forward, logits, {scale});
  Numbers result(at(T * V));
  for (Index rank = 0; rank < ranks; ++rank) {
    const Tensor d = p[at(rank)];  // in place
    f.math.cross_entropy_backward(d, d, sum_all, targets, rank * share, static_cast<float>(scale),
                                  f.stream);
    const Numbers local = f.host(d);
    for (Index t = 0; t < T; ++t)
      for (Index j = 0; j < share; ++j) {
        if (j < columns_of(rank))
          result[at(t * V + rank * share + j)] = local[at(t * share + j)];
        else
          CHECK(local[at(t * share + j)] == 0);
      }
  }
  CHECK(worst(result, dlogits, 0, 1e-6 + kDifferenceError) <= 1);
}

}  // namespace shardpipe
