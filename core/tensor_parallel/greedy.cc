#include "core/tensor_parallel/greedy.h"

#include "core/tensor_parallel/regions.h"

namespace shardpipe {

Tensor greedy_tokens(Tensor logits, Index vocabulary, bool vocab_parallel, RankContext& ctx) {
  const Index T = logits.size(0), t = vocab_parallel ? ctx.tp.size() : 1;
  VocabularyShare share = {.first = 0, .valid = vocabulary};
  if (vocab_parallel)
    share = vocabulary_share(vocabulary, ctx.tp.rank(), ctx.tp.size());
  else
    logits = gather_columns(logits, ctx);  // [T,V']
  Tensor pairs(ctx.device, {T, 2});
  ctx.math.row_arg_max(pairs, logits, share.valid, share.first, ctx.compute);
  Tensor all = pairs.reshape({1, T, 2});
  if (t > 1) {
    all = Tensor(ctx.device, {t, T, 2});
    ctx.tp.all_gather(all, pairs, ctx.compute);
  }
  Tensor tokens(ctx.device, {T}, DType::i32);
  ctx.math.pick_largest(tokens, all, ctx.compute);
  return tokens;
}

}  // namespace shardpipe
