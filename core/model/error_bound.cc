#include "core/model/error_bound.h"

#include <algorithm>
#include <cmath>

#include "core/base/random.h"

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

double shake_size(Index longest, DType dtype) {
  constexpr double kUnitRoundoffOfBf16 = 0x1p-8;
  const double of_sums = kUnitRoundoff * std::sqrt(static_cast<double>(longest));
  return dtype == DType::bf16 ? std::max(kUnitRoundoffOfBf16, of_sums) : of_sums;
}

void shake(RankContext& ctx, const std::vector<Parameter*>& parameters, const Shake& shake) {
  if (shake.number == 0 || !ctx.device.has_numbers()) return;
  for (Parameter* p : parameters) {
    std::vector<float> values = ctx.math.to_host(p->value, ctx.compute);
    for (const Piece& piece : p->pieces(ctx.coord.tp)) {
      const std::uint64_t stream = stream_of(piece.name);
      const auto seed = static_cast<std::uint64_t>(shake.number);
      for_each_number(piece, p->value.shape(), [&](Index full, Index here) {
        const double x = 2 * random_uniform(seed, stream, static_cast<std::uint64_t>(full)) - 1;
        float& value = values[static_cast<std::size_t>(here)];
        value = static_cast<float>(value * (1 + shake.size * x));
      });
    }
    ctx.math.upload(p->value, values, ctx.compute);
  }
}

}  // namespace shardpipe
