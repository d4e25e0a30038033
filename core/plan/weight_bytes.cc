#include "core/plan/weight_bytes.h"

namespace shardpipe {

WeightBytes bytes_of_weight(const DecoderConfig& c) {
  constexpr std::int64_t kMeans = 2 * 4, kMaster = 4;
  const WeightType type = weight_type(c);
  const bool has_master = type.value != DType::f32 && type.gradient == DType::f32;
  return {.value = size_of(type.value),
          .gradient = size_of(type.gradient),
          .states = kMeans + (has_master ? kMaster : 0)};
}

Index weights_of_block(const DecoderConfig& c, int tp) {
  const bool gpt2 = c.family == Family::gpt2;
  const HeadShare share = head_share(c.heads, c.kv_heads, tp);
  const Index D = c.hidden, C = D / c.heads, F = c.ffn / tp;
  const Index qkv = (share.heads + 2 * share.kv_heads) * C, context = share.heads * C;
  const Index matrices = (qkv + context + (gpt2 ? 2 : 3) * F) * D;
  const Index norms = (gpt2 ? 4 : 2) * D;
  const Index biases = gpt2 ? qkv + D + F + D : 0;
  return matrices + norms + biases;
}

Index weights_of_stage(const DecoderConfig& c, const StageRange& range, int tp) {
  const bool gpt2 = c.family == Family::gpt2;
  const Index table = vocabulary_share(c.vocabulary, 0, tp).rows * c.hidden;
  Index weights = range.layers * weights_of_block(c, tp);
  if (range.first) weights += table + (gpt2 ? c.sequence * c.hidden : 0);
  if (range.last) weights += (gpt2 ? 2 : 1) * c.hidden;
  if (range.last && !(range.first && c.tied)) weights += table;
  return weights;
}

}  // namespace shardpipe
