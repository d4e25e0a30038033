#include "core/model/error_bound.h"

#include <cmath>

namespace shardpipe {

double relative_difference(double roundings) {
  constexpr double kLambda = 6;
  return 2 * kLambda * kUnitRoundoff * std::sqrt(roundings);
}

Index block_roundings(const DecoderConfig& c) {
  const Index D = c.hidden, C = D / c.heads, S = c.sequence;
  const Index attention = D + D + C + S + S + D;  // norm, QKV, scores, softmax, P V, output
  const Index mlp = D + D + c.ffn;                // norm, up, down
  return attention + mlp + 2;                     // and two residual sums
}

Index step_roundings(const DecoderConfig& c) {
  const Index ends = c.hidden + c.hidden + c.vocabulary;  // last norm, logits, sum of exponentials
  const Index forward = c.layers * block_roundings(c) + ends;
  return 2 * forward;  // backward goes through the transposed sums
}

double loss_bound(const DecoderConfig& c, int step, double loss) {
  return relative_difference(static_cast<double>(step_roundings(c))) * (step + 1) * loss;
}

}  // namespace shardpipe
