#include "labs/grade/day03/loss_numbers.h"

#include <algorithm>
#include <cmath>

#include "core/base/random.h"
#include "core/model/error_bound.h"
#include "labs/grade/groups.h"

namespace shardpipe {
namespace {

constexpr Index T = kLossTokens;

// Neither a multiple of t. On three ranks the last has 2 words of 4, on five none.
Index vocabulary_of(const GridShape& grid) { return grid.tp == 3 ? 10 : 16; }

double logit(Data data, std::uint64_t seed, const GridShape& grid, int group, Index i, Index v) {
  const Index V = vocabulary_of(grid), count = rows_of(V, 0, grid.tp).count;
  const double random = number_of(data, seed, group, i * V + v);
  switch (data) {
    case Data::who: return kStep * digit(grid, group, v / count);
    case Data::where: return kStep * static_cast<double>(i * V + (v + 3 * i) % V + 1);
    // No two of a row are the same.
    case Data::integers: return kStep * (random * static_cast<double>(V) + static_cast<double>(v));
    case Data::reals: return 4 * random;
  }
  return 0;
}

// 7 has no divisor in common with either V: no word twice, and some of every rank that has any.
std::vector<std::int32_t> targets_of(Index V, std::uint64_t seed, int group) {
  const auto first = static_cast<Index>(random_bits(seed, 77, static_cast<std::uint64_t>(group)) %
                                        static_cast<std::uint64_t>(V));
  std::vector<std::int32_t> targets;
  for (Index i = 0; i < T; ++i) targets.push_back(static_cast<std::int32_t>((first + 7 * i) % V));
  return targets;
}

}  // namespace

LossNumbers loss_numbers(Data data, std::uint64_t seed, const GridShape& grid, int group) {
  const Index V = vocabulary_of(grid), padded = grid.tp * rows_of(V, 0, grid.tp).count;
  return {.vocabulary = V,
          .logits = {T, padded,
                     [=](Index i, Index v) {
                       return v < V ? logit(data, seed, grid, group, i, v) : kPaddingLogit;
                     }},
          .targets = targets_of(V, seed, group),
          .scale = is_exact(data) ? 3 : 0.7};
}

LossResults loss_results(const LossNumbers& of) {
  const Index V = of.vocabulary, padded = of.logits.columns;
  LossResults out{Table(1, T), Table(1, T), Table(1, T), Table(T, padded), Table(T, padded)};
  for (Index i = 0; i < T; ++i) {
    const Index target = of.targets[static_cast<std::size_t>(i)];
    double max = of.logits(i, 0).value, sum = 0;
    for (Index v = 0; v < V; ++v) max = std::max(max, of.logits(i, v).value);
    for (Index v = 0; v < V; ++v) sum += out.p(i, v).value = std::exp(of.logits(i, v).value - max);
    for (Index v = 0; v < V; ++v)
      out.dlogits(i, v).value = of.scale / T * (out.p(i, v).value / sum - (v == target ? 1 : 0));
    out.max(0, i).value = max;
    out.sum(0, i).value = sum;
    out.target(0, i).value = of.logits(i, target).value;
    out.loss += (std::log(sum) + max - of.logits(i, target).value) / T;
  }
  return out;
}

// exp and log are off by at most 4 u; a difference d that is rounded moves exp(d), d < 0, by at
// most u / e. A sum has V terms of at most 1 and is at least 1, so its logarithm is off by no more.
LossBounds loss_bounds(const LossNumbers& of, int tp) {
  const double u = kUnitRoundoff, V = static_cast<double>(of.vocabulary);
  double largest = 0;
  for (Index i = 0; i < T; ++i)
    for (Index v = 0; v < of.vocabulary; ++v)
      largest = std::max(largest, std::abs(of.logits(i, v).value));
  LossBounds bounds{.p = 5 * u, .sum = V * (5 + V + tp) * u};
  const double token = 2 * largest + std::log(V);
  bounds.loss = bounds.sum + (4 + 2 + T) * u * token;
  bounds.dlogits = of.scale / T * (bounds.p + bounds.sum + 3 * u);
  return bounds;
}

}  // namespace shardpipe
