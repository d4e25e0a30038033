// Layer norm and RMS norm against f64, gradients against central differences.
// Bounds. A sum over D columns in 16 chains costs (D/16 + 8) units of its terms; xhat carries the
// error of the mean (times rstd) and of rstd. With K = D/16 + 24 units for a chain of such steps:
// error of xhat <= K units * (1 + |x| rstd) (1 + |xhat|), and each later factor multiplies it.
#include "tests/tensor/math_fixture.h"

namespace shardpipe {
namespace {

constexpr double kEpsilon = 1e-3f;  // large enough to see where it stands

struct Data {
  Index T, D;
  Numbers x, gamma, beta, dy, start;  // start: what the gradients of weights add to
};

Data data(Index T, Index D) {
  Data d{T,
         D,
         random_numbers(T * D, 1),
         random_numbers(D, 2),
         random_numbers(D, 3),
         random_numbers(T * D, 4),
         random_numbers(D, 5)};
  for (Index i = 0; i < T * D; ++i) d.x[at(i)] += static_cast<double>(i / D % 3);  // means differ
  for (double& v : d.x) v = static_cast<float>(v);
  return d;
}

// The norm of each row: with a mean taken away (layer norm) or not (RMS norm).
struct Normed {
  Numbers xhat, mean, rstd;
};

Normed normed(const Numbers& x, Index D, bool layer) {
  Normed n;
  for (std::size_t first = 0; first < x.size(); first += at(D)) {
    double mean = 0, square = 0;
    for (std::size_t j = 0; j < at(D); ++j) mean += layer ? x[first + j] / D : 0;
    for (std::size_t j = 0; j < at(D); ++j)
      square += (x[first + j] - mean) * (x[first + j] - mean) / D;
    n.mean.push_back(mean);
    n.rstd.push_back(1 / std::sqrt(square + kEpsilon));
    for (std::size_t j = 0; j < at(D); ++j) n.xhat.push_back((x[first + j] - mean) * n.rstd.back());
  }
  return n;
}

Numbers forward(const Numbers& x, const Numbers& gamma, const Numbers& beta, bool layer) {
  Numbers y = normed(x, static_cast<Index>(gamma.size()), layer).xhat;
  for (std::size_t i = 0; i < y.size(); ++i)
    y[i] = y[i] * gamma[i % gamma.size()] + (layer ? beta[i % gamma.size()] : 0);
  return y;
}

// K (1 + |x| rstd) (1 + |xhat|), the largest of all elements.
double bound_of(const Data& d, bool layer) {
  const Normed n = normed(d.x, d.D, layer);
  const double units = static_cast<double>(d.D) / 16 + 24;
  return units * kUnit * (1 + max_abs(d.x) * max_abs(n.rstd)) * (1 + max_abs(n.xhat));
}

void check_layer_norm(const Data& d) {
  MathFixture f;
  const Shape shape = {d.T, d.D};
  const Tensor x = f.upload(shape, d.x), gamma = f.upload({d.D}, d.gamma);
  const Tensor y = f.fresh(shape), stats = f.fresh({d.T, 2}), dy = f.upload(shape, d.dy);
  f.math.layer_norm(y, stats, x, gamma, f.upload({d.D}, d.beta), kEpsilon, f.stream);
  const double bound = bound_of(d, true), g = 1 + max_abs(d.gamma);
  CHECK(worst(f.host(y), forward(d.x, d.gamma, d.beta, true), 0, bound * g) <= 1);
  const Normed n = normed(d.x, d.D, true);
  Numbers expected_stats;
  for (std::size_t t = 0; t < n.mean.size(); ++t) {
    expected_stats.push_back(n.mean[t]);
    expected_stats.push_back(n.rstd[t]);
  }
  CHECK(worst(f.host(stats), expected_stats, bound, bound) <= 1);

  const Tensor dx = f.fresh(shape);
  f.math.layer_norm_backward_input(dx, dy, x, stats, gamma, f.stream);
  const auto of_x = [&](const Numbers& v) { return forward(v, d.gamma, d.beta, true); };
  const double dx_size = max_abs(n.rstd) * max_abs(d.dy) * g * (1 + max_abs(n.xhat));
  // The third derivative of the reference grows with rstd^2.
  const double difference = kDifferenceError * (1 + max_abs(n.rstd) * max_abs(n.rstd));
  CHECK(worst(f.host(dx), gradient(of_x, d.x, d.dy), 0, (bound + difference) * dx_size) <= 1);

  const Tensor dgamma = f.upload({d.D}, d.start), dbeta = f.upload({d.D}, d.start);
  f.math.layer_norm_backward_weight(dgamma, dbeta, dy, x, stats, f.stream);
  const auto of_gamma = [&](const Numbers& v) { return forward(d.x, v, d.beta, true); };
  const auto of_beta = [&](const Numbers& v) { return forward(d.x, d.gamma, v, true); };
  const double dw_bound =
      static_cast<double>(d.T + 1) * (bound + kDifferenceError) * (1 + max_abs(d.dy));
  CHECK(worst(f.host(dgamma), sum_of(d.start, gradient(of_gamma, d.gamma, d.dy)), 0, dw_bound) <=
        1);
  CHECK(worst(f.host(dbeta), sum_of(d.start, gradient(of_beta, d.beta, d.dy)), 0, dw_bound) <= 1);
}

void check_rms_norm(const Data& d) {
  MathFixture f;
  const Shape shape = {d.T, d.D};
  const Tensor x = f.upload(shape, d.x), gamma = f.upload({d.D}, d.gamma);
  const Tensor y = f.fresh(shape), stats = f.fresh({d.T, 1}), dy = f.upload(shape, d.dy);
  f.math.rms_norm(y, stats, x, gamma, kEpsilon, f.stream);
  const double bound = bound_of(d, false), g = 1 + max_abs(d.gamma);
  CHECK(worst(f.host(y), forward(d.x, d.gamma, {}, false), 0, bound * g) <= 1);
  const Normed n = normed(d.x, d.D, false);
  CHECK(worst(f.host(stats), n.rstd, bound) <= 1);

  const Tensor dx = f.fresh(shape);
  f.math.rms_norm_backward_input(dx, dy, x, stats, gamma, f.stream);
  const auto of_x = [&](const Numbers& v) { return forward(v, d.gamma, {}, false); };
  const double dx_size = max_abs(n.rstd) * max_abs(d.dy) * g * (1 + max_abs(n.xhat));
  const double difference = kDifferenceError * (1 + max_abs(n.rstd) * max_abs(n.rstd));
  CHECK(worst(f.host(dx), gradient(of_x, d.x, d.dy), 0, (bound + difference) * dx_size) <= 1);

  const Tensor dgamma = f.upload({d.D}, d.start);
  f.math.rms_norm_backward_weight(dgamma, dy, x, stats, f.stream);
  const auto of_gamma = [&](const Numbers& v) { return forward(d.x, v, {}, false); };
  const double dw_bound =
      static_cast<double>(d.T + 1) * (bound + kDifferenceError) * (1 + max_abs(d.dy));
  CHECK(worst(f.host(dgamma), sum_of(d.start, gradient(of_gamma, d.gamma, d.dy)), 0, dw_bound) <=
        1);
}

}  // namespace

TEST_CASE("layer norm, forward and all gradients") {
  for (const Index T : {1, 3, 6})
    for (const Index D : {5, 16, 37}) {
      CAPTURE(T, D);
      check_layer_norm(data(T, D));
    }
}

TEST_CASE("rms norm, forward and all gradients") {
  for (const Index T : {1, 3, 6})
    for (const Index D : {5, 16, 37}) {
      CAPTURE(T, D);
      check_rms_norm(data(T, D));
    }
}

TEST_CASE("layer norm of a large mean does not cancel") {
  MathFixture f;
  const Index D = 100;
  Numbers x = integer_numbers(D, 1);
  for (double& v : x) v += 4096;  // exact in f32; squares would need 26 bits
  const Tensor y = f.fresh({1, D}), stats = f.fresh({1, 2});
  f.math.layer_norm(y, stats, f.upload({1, D}, x), f.upload({D}, Numbers(at(D), 1)),
                    f.upload({D}, Numbers(at(D), 0)), kEpsilon, f.stream);
  // The mean is rounded once at 4096: half a unit there is 2^-12 of 1, against rstd of about 1/3.
  CHECK(worst(f.host(y), normed(x, D, true).xhat, 0, 0x1p-12) <= 1);
}

}  // namespace shardpipe
