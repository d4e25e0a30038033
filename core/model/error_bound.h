// How far two float32 runs of the same model may differ that sum in different orders.
//
// First-order worst case. u = 2^-24 is the unit roundoff. A sum of K products rounds K times, and
// in whatever order it runs its error is at most K u times the sum of magnitudes (Higham, Accuracy
// and Stability of Numerical Algorithms, 2nd ed., section 3.1). A value that went through a chain
// of sums of lengths K1, K2, ... carries at most N u with N = K1 + K2 + ...; two runs differ by at
// most twice that. Norms and softmax keep magnitudes of order one, so errors add and do not
// multiply.
#pragma once

#include "core/model/config.h"

namespace shardpipe {

inline constexpr double kUnitRoundoff = 0x1p-24;

// N of one block, forward: dependent roundings from x to y.
Index block_roundings(const DecoderConfig& config);
// N of the whole model from tokens to loss and back to a weight's gradient.
Index step_roundings(const DecoderConfig& config);

// Largest |difference| of the losses of two runs at step `step` (from 0): each step before it may
// add as much again, because its weights already differ.
double loss_bound(const DecoderConfig& config, int step, double loss);

}  // namespace shardpipe
