#include "core/base/random.h"

#include <cmath>

#include "tests/support/catch.h"

namespace shardpipe {

TEST_CASE("random numbers are a function of seed, stream and index") {
  CHECK(random_bits(1, 2, 3) == random_bits(1, 2, 3));
  CHECK(random_bits(1, 2, 3) != random_bits(1, 2, 4));
  CHECK(random_bits(1, 2, 3) != random_bits(1, 3, 3));
  CHECK(random_bits(1, 2, 3) != random_bits(2, 2, 3));
  CHECK(stream_of("blocks.0") != stream_of("blocks.1"));
}

TEST_CASE("random_normal has mean 0 and variance 1") {
  const int n = 100000;
  double sum = 0, squares = 0;
  for (int i = 0; i < n; ++i) {
    const double x = random_normal(7, 1, i);
    sum += x;
    squares += x * x;
  }
  // Five standard errors: 5/sqrt(n) for the mean, 5*sqrt(2/n) for the variance.
  CHECK(std::abs(sum / n) < 5 / std::sqrt(n));
  CHECK(std::abs(squares / n - 1) < 5 * std::sqrt(2.0 / n));
}

}  // namespace shardpipe
