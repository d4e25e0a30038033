#include "core/tensor_parallel/vocabulary.h"

#include <algorithm>

#include "core/tensor_parallel/regions.h"

namespace shardpipe {

VocabularyShare vocabulary_share(Index vocabulary, int tp_rank, int t) {
  const Index padded = (vocabulary + t - 1) / t * t, rows = padded / t, first = tp_rank * rows;
  return {.padded = padded,
          .rows = rows,
          .first = first,
          .valid = std::clamp<Index>(vocabulary - first, 0, rows)};
}

Parameter make_vocabulary_table(RankContext& ctx, const std::string& name, Index vocabulary,
                                Index D, WeightType type) {
  const int t = ctx.tp.size();
  return make_parameter(ctx, {vocabulary_share(vocabulary, 0, t).rows, D}, type,
                        [=](int r) -> std::vector<Piece> {
                          const VocabularyShare share = vocabulary_share(vocabulary, r, t);
                          return {{.name = name,
                                   .full = {vocabulary, D},
                                   .full_first = share.first,
                                   .count = share.valid}};
                        });
}

Tensor upload_tokens(RankContext& ctx, const std::vector<std::int32_t>& tokens, Index vocabulary) {
  for (const std::int32_t token : tokens)
    if (token < 0 || token >= vocabulary)
      usage_error(text("token ", token, " is not of the vocabulary: its tokens are 0 to ",
                       vocabulary - 1, " (--vocab ", vocabulary, ")"));
  Tensor uploaded(ctx.device, {static_cast<Index>(tokens.size())}, DType::i32);
  ctx.math.upload(uploaded, tokens, ctx.compute);
  return uploaded;
}

Tensor VocabParallelEmbedding::forward(Tensor tokens, int microbatch, RankContext& ctx) {
  const VocabularyShare share = vocabulary_share(vocabulary_, ctx.tp.rank(), ctx.tp.size());
  const Tensor& table = table_.value;
  Tensor y(ctx.device, {tokens.size(0), table.size(1)}, table.dtype());  // [T,D], 0 where not ours
  ctx.math.embedding(y, table, tokens, share.first, ctx.compute);
  saved_tokens_[microbatch] = tokens;
  if (splits_tokens_) return reduce_rows(y, ctx);  // [T/t,D]
  ctx.tp.all_reduce(y, ctx.compute);
  return y;
}

void VocabParallelEmbedding::backward(Tensor dy, int microbatch, RankContext& ctx) {
  const VocabularyShare share = vocabulary_share(vocabulary_, ctx.tp.rank(), ctx.tp.size());
  if (splits_tokens_) dy = gather_rows(dy, ctx);  // [T,D]
  ctx.math.embedding_backward(table_.grad, dy, take(saved_tokens_, microbatch), share.first,
                              ctx.compute);
}

Tensor VocabParallelHead::forward(Tensor x, int microbatch, RankContext& ctx) {
  saved_[microbatch].x = x;
  if (splits_tokens_) x = gather_rows(x, ctx);                              // [T,D]
  Tensor logits(ctx.device, {x.size(0), table_.value.size(0)}, x.dtype());  // [T,V'/t]
  ctx.math.gemm(logits, x, Transpose::no, table_.value, Transpose::yes, {.name = "gemm logits"},
                ctx.compute);
  return logits;
}

Tensor VocabParallelHead::backward_input(Tensor dlogits, int microbatch, RankContext& ctx) {
  Tensor dx(ctx.device, {dlogits.size(0), table_.value.size(1)},
            dlogits.dtype());  // [T,D], partial
  ctx.math.gemm(dx, dlogits, Transpose::no, table_.value, Transpose::no, {.name = "gemm dx"},
                ctx.compute);
  kept(saved_, microbatch).dlogits = dlogits;
  if (splits_tokens_) return reduce_rows(dx, ctx);  // [T/t,D]
  ctx.tp.all_reduce(dx, ctx.compute);
  return dx;
}

void VocabParallelHead::backward_weight(int microbatch, RankContext& ctx) {
  const Saved s = take(saved_, microbatch);
  const Tensor x = splits_tokens_ ? gather_rows(s.x, ctx) : s.x;  // [T,D]
  ctx.math.gemm(table_.grad, s.dlogits, Transpose::yes, x, Transpose::no,
                {.beta = 1, .name = "gemm dW"}, ctx.compute);
}

// What the loss sees: this rank's part, or everything after a gather.
VocabularyShare CrossEntropy::share(RankContext& ctx) const {
  VocabularyShare share = vocabulary_share(vocabulary_, ctx.tp.rank(), ctx.tp.size());
  if (!vocab_parallel_) share = {share.padded, share.padded, 0, vocabulary_};
  return share;
}

Tensor CrossEntropy::forward(Tensor logits, Tensor targets, int microbatch, RankContext& ctx) {
  const VocabularyShare mine = share(ctx);
  if (!vocab_parallel_) logits = gather_columns(logits, ctx);  // [T,V']
  auto reduce = [&](Tensor x, ReduceOp op) {
    if (vocab_parallel_) ctx.tp.all_reduce(x, op, ctx.compute);
  };
  const Index T = logits.size(0);
  Tensor max(ctx.device, {T}), target(ctx.device, {T}), sum(ctx.device, {T});
  ctx.math.row_max(max, logits, mine.valid, ctx.compute);
  reduce(max, ReduceOp::max);
  ctx.math.pick_target(target, logits, targets, mine.first, ctx.compute);
  reduce(target, ReduceOp::sum);
  const Tensor p = logits;  // becomes exp(logit - max), 0 in the padding: nobody needs the logits
  ctx.math.exp_minus(p, logits, max, mine.valid, ctx.compute);
  ctx.math.row_sum(sum, p, mine.valid, ctx.compute);
  reduce(sum, ReduceOp::sum);
  Tensor loss(ctx.device, {1});
  ctx.math.cross_entropy(loss, sum, max, target, ctx.compute);
  saved_[microbatch] = {.p = p, .sum = sum, .targets = targets};
  return loss;
}

Tensor CrossEntropy::backward(float scale, int microbatch, RankContext& ctx) {
  const Saved s = take(saved_, microbatch);
  const float factor = scale / static_cast<float>(s.p.size(0));
  ctx.math.cross_entropy_backward(s.p, s.p, s.sum, s.targets, share(ctx).first, factor,
                                  ctx.compute);
  return vocab_parallel_ ? s.p : own_columns(s.p, ctx);  // [T,V'/t]
}

}  // namespace shardpipe
