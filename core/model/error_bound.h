// How far two float32 runs of the same model may differ that sum in different orders: a bound by
// sizes, for tests against f64, and one that is measured, for the verdict of a run.
//
// u = 2^-24 is the unit roundoff. A sum of K products rounds K times. Its error is at most K u
// times the sum of magnitudes (Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed.,
// section 3.1); as roundings go up and down alike, it is at most lambda sqrt(K) u times that but
// for a probability of 2 exp(-lambda^2 / 2) (Higham and Mary, SIAM J. Sci. Comput. 41(5), 2019,
// theorem 2.4). lambda = 6 makes that 3e-8. A value that went through a chain of sums of lengths
// K1, K2, ... has N = K1 + K2 + ... roundings behind it; two runs differ by at most twice the bound
// of one. Norms and softmax keep magnitudes of order one, so errors add and do not multiply.
#pragma once

#include <vector>

#include "core/model/config.h"
#include "core/tensor_parallel/parameter.h"

namespace shardpipe {

inline constexpr double kUnitRoundoff = 0x1p-24;

// Two runs, N dependent roundings each: largest difference over the sum of magnitudes.
double relative_difference(double roundings);

// N of one block, forward: dependent roundings from x to y.
Index block_roundings(const DecoderConfig& config);
// N of the whole model from tokens to loss and back to a weight's gradient.
Index step_roundings(const DecoderConfig& config);

// The bound above holds for weights as they are drawn at first, and what it leaves out can be
// large: a softmax that is nearly one-hot, a gradient that is a small rest of large terms, a step
// of training at a high rate magnify a difference by factors that no sizes tell. So what ranks
// compute is held against a bound that is measured, on one rank:
//   A sum of K products, as it is computed, is the exact sum of products whose weights are changed
//   by relative errors of at most about u sqrt(K), one for each (Higham, section 3.1, and the
//   theorem above). So a run on other ranks is, to first order, the same run with weights changed
//   by random errors of that size. The one-rank run is repeated kShakes times with weights changed
//   so ("shaken"). Whatever magnifies a difference magnifies these alike, and how far their results
//   move is how far the ranks' may.
// A tensor's number that is furthest off may be kShakeMargin times as far as the furthest that
// moved: the maximum of many varies little. A loss is one number, and may move little by chance in
// all shakes: kLossMargin, which a difference exceeds with a probability of 1e-5 if all are
// normally distributed alike. Either may differ by kOwnRoundings, besides, of its own last steps,
// which no weight takes part in.
struct Shake {
  int number = 0;   // from 1; 0: not shaken
  double size = 0;  // largest relative change of a weight
};
inline constexpr int kShakes = 5;
inline constexpr double kShakeMargin = 5, kLossMargin = 12;
inline constexpr double kOwnRoundings = 24;

// For sums of up to `longest` products, and for what is stored in bf16 by its own rounding, which
// is the larger one.
double shake_size(Index longest, DType dtype);
// Changes every weight by the same factor on every grid.
void shake(RankContext& ctx, const std::vector<Parameter*>& parameters, const Shake& shake);

// Training magnifies differences from step to step, and no bound worth the name holds for long. So
// the losses of the first kJudgedSteps are held against theirs; later ones are shown.
inline constexpr int kJudgedSteps = 3;

}  // namespace shardpipe
