// How far two float32 runs of the same model may differ that sum in different orders.
//
// u = 2^-24 is the unit roundoff. A sum of K products rounds K times. Its error is at most K u
// times the sum of magnitudes (Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed.,
// section 3.1); as roundings go up and down alike, it is at most lambda sqrt(K) u times that but
// for a probability of 2 exp(-lambda^2 / 2) (Higham and Mary, SIAM J. Sci. Comput. 41(5), 2019,
// theorem 2.4). lambda = 6 makes that 3e-8. A value that went through a chain of sums of lengths
// K1, K2, ... has N = K1 + K2 + ... roundings behind it; two runs differ by at most twice the bound
// of one. Norms and softmax keep magnitudes of order one, so errors add and do not multiply.
#pragma once

#include "core/model/config.h"

namespace shardpipe {

inline constexpr double kUnitRoundoff = 0x1p-24;

// Two runs, N dependent roundings each: largest difference over the sum of magnitudes.
double relative_difference(double roundings);

// N of one block, forward: dependent roundings from x to y.
Index block_roundings(const DecoderConfig& config);
// N of the whole model from tokens to loss and back to a weight's gradient.
Index step_roundings(const DecoderConfig& config);

// Largest |difference| of the losses of two runs at step `step` (from 0): each step before it may
// add as much again, because its weights already differ.
double loss_bound(const DecoderConfig& config, int step, double loss);

// Training magnifies differences: after some dozens of steps two runs whose roundings differ are
// two runs, and no bound worth the name holds. So losses are compared over the first
// kComparedSteps.
inline constexpr int kComparedSteps = 20;

}  // namespace shardpipe
