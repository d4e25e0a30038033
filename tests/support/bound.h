// Compares float32 results of every rank with the f64 reference, in units of a derived bound.
//
// u = 2^-24. A float sum of K terms, in whatever order, is off by at most K u sum|terms| (Higham,
// Accuracy and Stability of Numerical Algorithms, 2nd ed., section 3.1). Along a chain of sums of
// lengths K1, K2, ... the relative errors add up to N u, N = K1 + K2 + ..., as long as no step
// magnifies what it was given; norms, softmax and the spread of the weights used here (rows of
// norm about 1) see to that. Hence
//   |float - exact| <= N u M,   M = the largest sum of |terms| over the numbers of that tensor.
// M is the sum of magnitudes and not the magnitude of the sum, because sums cancel: the gradient of
// a key bias without rotary positions is 0, its terms are not.
#pragma once

#include "core/reference/reference.h"
#include "tests/support/ranks.h"

namespace shardpipe {

// exp, tanh and erf of the cpu kernels are within 2e-7, under 4 u; an activation has two of them
// and a few products.
inline constexpr Index kFunctionRoundings = 12;

struct Worst {
  double ratio = 0;  // |float - exact| / (N u M): at most 1 where all is well
  std::string where = {};
};
Worst worst_of(const TpRun& run, const WantedTensors& want, Index roundings);

}  // namespace shardpipe
