#include "core/plan/tensor_bytes.h"

#include "core/tensor_parallel/vocabulary.h"

namespace shardpipe {

TensorBytes tensor_bytes(const DecoderConfig& c, Index T, int tp) {
  check_config(c, tp);
  if (!c.paired)
    usage_error("the model of memory knows paired layers only (allowed: --technique paired)");
  const bool split = c.twin.style == TpStyle::sequence_parallel;
  if ((c.twin.style != TpStyle::plain && !split) || c.fused)
    usage_error(text("the model of memory does not know ",
                     c.fused ? "fused blocks" : text("--style ", name_of(c.twin.style)),
                     " (allowed: --style plain, sequence-parallel)"));
  check_tokens(c, T, tp);
  if (T < 1 || T % c.sequence != 0)
    usage_error(text(T, " tokens are not whole sequences of ", c.sequence));
  const bool gpt2 = c.family == Family::gpt2;
  const HeadShare share = head_share(c.heads, c.kv_heads, tp);
  const Index C = c.hidden / c.heads, e = size_of(c.dtype);
  const Index own = split ? T / tp : T;  // tokens of x
  return {.x = own * c.hidden * e,
          .stats = own * (gpt2 ? 2 : 1) * 4,
          .whole = split && tp > 1 ? T * c.hidden * e : 0,
          .q = T * share.heads * C * e,
          .kv = T * share.kv_heads * C * e,
          .p = T * share.heads * c.sequence * e,
          .up = T * (gpt2 ? 1 : 2) * c.ffn / tp * e,
          .act = T * c.ffn / tp * e,
          .logits = T * vocabulary_share(c.vocabulary, 0, tp).rows * e,
          .column = T * 4,
          .places = gpt2 ? own * 4 : 0};
}

std::int64_t kept_dy(const TensorBytes& n) { return n.whole > 0 ? n.whole : n.x; }

std::int64_t kept_by_block(const TensorBytes& n) {
  return 4 * n.x + 2 * n.stats + 2 * n.q + 2 * n.kv + n.p + n.up + n.act;
}

std::int64_t kept_for_weights(const TensorBytes& n) {
  return 6 * n.x + 2 * kept_dy(n) + 2 * n.stats + 2 * n.q + 2 * n.kv + n.up + n.act;
}

std::int64_t kept_for_recomputation(const TensorBytes& n) { return n.x; }

std::int64_t kv_cache_bytes_per_token(const DecoderConfig& c, int layers, int tp) {
  const Index C = c.hidden / c.heads;
  return layers * 2 * head_share(c.heads, c.kv_heads, tp).kv_heads * C * size_of(c.dtype);
}

}  // namespace shardpipe
