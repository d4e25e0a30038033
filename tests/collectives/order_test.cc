// Data whose result depends on the order of the terms: all ranks must agree on every bit, and sums
// stay within the bound for any order of n terms, (n-1) u sum|x| with u = 2^-24 (Higham, "Accuracy
// and stability of numerical algorithms", section 4.2; the second-order part is below 1e-6 of it).
#include <bit>
#include <cmath>

#include "core/base/random.h"
#include "tests/collectives/ways.h"
#include "tests/support/catch.h"

namespace shardpipe {
namespace {

constexpr Index kSize = 4099;

// Terms of very different sizes that partly cancel.
float term(int rank, Index i) {
  const auto at = static_cast<std::uint64_t>(i);
  const double size = std::exp2(20 * random_uniform(3, static_cast<std::uint64_t>(rank), at));
  return static_cast<float>(size * random_normal(4, static_cast<std::uint64_t>(rank), at));
}

float signed_zero(int rank, Index i) {
  return random_uniform(5, static_cast<std::uint64_t>(rank), static_cast<std::uint64_t>(i)) < 0.5
             ? -0.0f
             : 0.0f;
}

using Bits = std::vector<std::uint32_t>;

struct Outcome {
  std::string name = {};
  std::vector<Bits> ranks = {};
};

std::vector<Outcome> outcomes(int n, ReduceOp op, float (*value)(int, Index)) {
  std::vector<Outcome> all;
  std::mutex mutex;
  run_on_cpu({.grid = {.tp = n}, .record_trace = false}, [&](RankContext& ctx) {
    std::vector<float> mine;
    for (Index i = 0; i < kSize; ++i) mine.push_back(value(ctx.rank, i));
    std::size_t number = 0;
    for (const Way& way : ways_of(ctx)) {
      const Tensor x = upload(ctx, mine);
      way.run(x, op);
      Bits bits;
      for (const float f : download(ctx, x)) bits.push_back(std::bit_cast<std::uint32_t>(f));
      std::lock_guard lock(mutex);
      all.resize(std::max(all.size(), number + 1));
      all[number].name = way.name;
      all[number].ranks.resize(static_cast<std::size_t>(n));
      all[number++].ranks[static_cast<std::size_t>(ctx.rank)] = std::move(bits);
    }
  });
  return all;
}

// The largest error over its bound.
double worst_error(const Bits& sums, int n) {
  double worst = 0;
  for (Index i = 0; i < kSize; ++i) {
    double exact = 0, size = 0;
    for (int r = 0; r < n; ++r) {
      exact += term(r, i);
      size += std::abs(term(r, i));
    }
    const double got = std::bit_cast<float>(sums[static_cast<std::size_t>(i)]);
    worst = std::max(worst, std::abs(got - exact) / ((n - 1) * 0x1p-24 * size));
  }
  return worst;
}

bool has_both_zeros(const Bits& bits) {
  return std::count(bits.begin(), bits.end(), 0u) > 0 &&
         std::count(bits.begin(), bits.end(), 0x80000000u) > 0;
}

}  // namespace

TEST_CASE("float sums: the same bits on every rank, within the bound for any order") {
  for (const int n : {2, 3, 4, 5, 6, 7, 8}) {
    bool is_order_seen = false;  // two algorithms differ: the data can tell orders apart
    const std::vector<Outcome> all = outcomes(n, ReduceOp::sum, term);
    for (const Outcome& o : all) {
      INFO(n << " ranks, " << o.name);
      for (const Bits& bits : o.ranks) CHECK(bits == o.ranks[0]);
      CHECK(worst_error(o.ranks[0], n) <= 1);
      is_order_seen |= o.ranks[0] != all[0].ranks[0];
    }
    CHECK(is_order_seen == (n > 2));
  }
}

TEST_CASE("the maximum of zeros of both signs: the same bits on every rank") {
  for (const int n : {2, 3, 4, 5, 7, 8})
    for (const Outcome& o : outcomes(n, ReduceOp::max, signed_zero)) {
      INFO(n << " ranks, " << o.name);
      CHECK(has_both_zeros(o.ranks[0]));
      for (const Bits& bits : o.ranks) CHECK(bits == o.ranks[0]);
    }
}

}  // namespace shardpipe
