// The loss of one rank in float64, forward and backward, as plain loops: what the cross entropies
// of day 3 are graded by.
#pragma once

#include "labs/grade/data.h"
#include "labs/grade/day03/rows.h"
#include "labs/grade/oracle.h"

namespace shardpipe {

inline constexpr Index kLossTokens = 8;  // a power of two: a mean over them is exact

// Whole, of one tensor-parallel group. Columns from V on are the padding, and hold kPaddingLogit.
struct LossNumbers {
  Index vocabulary = 0;  // V
  Table logits;          // [T,V']
  std::vector<std::int32_t> targets = {};
  double scale = 1;  // of the loss, backward
};
inline constexpr double kPaddingLogit = 1 << 30;

// All but Data::reals are multiples of 128: exp of a difference is then 1 or, in float, 0. So sums
// count the largest logits of a row, of which there are 1, 2 or 4, and all numbers but a logarithm
// are exact.
// who: the logits of rank r of the world are 128 x 8^r. where: 128 times places, turned by row so
// that the largest is not always the last rank's.
LossNumbers loss_numbers(Data data, std::uint64_t seed, const GridShape& grid, int group);
inline constexpr double kStep = 128;

struct LossResults {
  Table max, target, sum;  // [1,T]
  Table p, dlogits;        // [T,V']
  double loss = 0;
};
LossResults loss_results(const LossNumbers& of);

// |got - want| of a float program, for Data::reals; of the loss for all data.
struct LossBounds {
  double p = 0, sum = 0, loss = 0, dlogits = 0;
};
LossBounds loss_bounds(const LossNumbers& of, int tp);

}  // namespace shardpipe
