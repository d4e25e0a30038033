#include "core/model/bf16_bound.h"

#include <cmath>

namespace shardpipe {

Index stored_tensors(const DecoderConfig& c) {
  const bool gpt2 = c.family == Family::gpt2;
  // norm, QKV, scores, softmax, P V, output, its sum over the ranks, residual; two biases, or
  // rotary positions.
  const Index attention = 8 + (gpt2 ? 2 : 1);
  const Index mlp = 6 + (gpt2 ? 2 : 0);   // norm, up, activation, down, its sum, residual
  const Index ends = 2 + (gpt2 ? 1 : 0);  // last norm, logits; the sum with the positions
  return c.layers * (attention + mlp) + ends;
}

double bf16_loss_bound(const DecoderConfig& c, Index words, double learning_rate, int step,
                       double moved) {
  constexpr double kLambda = 6, kDeviation = 0.02;
  const double r = kBf16Roundoff / std::sqrt(3.0);
  const double share = std::sqrt(2.0 * static_cast<double>(stored_tensors(c)));
  const double features = std::sqrt(static_cast<double>(c.hidden));
  const double logits = (kDeviation + step * learning_rate * features) * features;
  const double of_token = 2 * share * logits + 1 + share * moved;
  return kLambda * r * of_token / std::sqrt(static_cast<double>(words));
}

}  // namespace shardpipe
