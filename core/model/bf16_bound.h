// How far the loss of a model that is trained in bf16 (recipe full) may lie from that of the same
// model in f32, over its first steps from gpt2_init.
//
// A number that is stored as bf16 is rounded once, by at most u = 2^-8 of itself; over many numbers
// that is an error of mean 0 and of RMS at most r = u / sqrt(3). Sums are f32: their errors, 2^16
// times smaller, count for nothing here (error_bound.h has them).
//
//   forward   A tensors are stored on the way from tokens to logits, and with each at most one
//             weight. Norms keep magnitudes of order one, so the errors add up as those of
//             independent terms do: logits of RMS Z are off by r Z sqrt(A) for what is stored and
//             as much for the weights. The loss of a token is log(sum of exponentials) - target's
//             logit: sqrt(2) of that, and r for the exponentials, which are stored too.
//   logits    the last norm gives rows of RMS 1; a table's numbers are Normal(0, 0.02), and AdamW
//             moves each by at most the learning rate a step: Z = (0.02 + s rate sqrt(D)) sqrt(D)
//             after s steps, if all of them move the same way.
//   training  what a token adds to a gradient went the same way back, 2 A roundings: a share
//             r sqrt(2 A) of what the steps before changed the loss by. (AdamW turns the sign of a
//             gradient that is in doubt into a step of full size, but such a gradient is small, and
//             so is what its step changes: the square of that share.)
//   mean      the loss is a mean over tokens. Errors of stored tensors are new for each, those of
//             weights act on each by other rows of the table and other inputs where the targets
//             are other words: a mean over n different words is off by 1 / sqrt(n) of one.
// All of it times lambda = 6, as in error_bound.h.
#pragma once

#include "core/model/config.h"

namespace shardpipe {

inline constexpr double kBf16Roundoff = 0x1p-8;

// A: tensors that are stored in bf16 on the way of a token through the model.
Index stored_tensors(const DecoderConfig& config);

// Largest |difference| of the losses of step `step` (from 0). words: different targets of its
// batch. moved: how far the loss went in the steps before, up and down.
double bf16_loss_bound(const DecoderConfig& config, Index words, double learning_rate, int step,
                       double moved);

}  // namespace shardpipe
