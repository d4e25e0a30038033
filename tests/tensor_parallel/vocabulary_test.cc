// Embedding, head and cross entropy with a vocabulary that does not divide, one smaller than the
// number of ranks (some hold padding only), and one that divides: tp = k equals tp = 1 bit for bit.
#include "core/tensor_parallel/vocabulary.h"

#include <cmath>

#include "core/reference/rounding_kernels.h"
#include "tests/support/catch.h"
#include "tests/support/layer_runs.h"

namespace shardpipe {
namespace {

constexpr Index T = 10, D = 6;
constexpr Index kVocabularies[] = {5, 13, 48};

VocabularyShare share_of(RankContext& ctx, Index V) {
  return vocabulary_share(V, ctx.tp.rank(), ctx.tp.size());
}

// A matrix [T,V'/t] of logits: this rank's columns of [T,V], `padding` in the rest.
Tensor make_logits(RankContext& ctx, const std::string& name, Index V, float padding) {
  const VocabularyShare mine = share_of(ctx, V);
  std::vector<float> values;
  for (Index t = 0; t < T; ++t)
    for (Index v = 0; v < mine.rows; ++v)
      values.push_back(v < mine.valid ? integers(3)(name, t * V + mine.first + v) : padding);
  Tensor logits(ctx.device, {T, mine.rows});
  ctx.math.upload(logits, values, ctx.compute);
  return logits;
}

Held hold_logits(RankContext& ctx, const std::string& name, Index V, const Tensor& logits) {
  const VocabularyShare mine = share_of(ctx, V);
  return {{{.name = name, .full = {T, V}, .dim = 1, .full_first = mine.first, .count = mine.valid}},
          logits.shape(),
          ctx.math.to_host(logits, ctx.compute)};
}

RankResult embedding_and_head(RankContext& ctx, Index V) {
  Parameter table = make_vocabulary_table(ctx, "table", V, D, DType::f32);
  fill_parameter(ctx, table, integers(3));
  VocabParallelEmbedding embedding(table, V);
  VocabParallelHead head(table);  // tied: both add to one gradient
  RankResult result;
  for (int i = 0; i < 2; ++i) {
    Tensor x = embedding.forward(make_tokens(ctx, random_tokens(T, V, 7 + i)), i, ctx);
    result.push_back(hold_whole(ctx, text("x", i), x));
    result.push_back(hold_logits(ctx, text("logits", i), V, head.forward(x, i, ctx)));
  }
  for (int i = 0; i < 2; ++i) {
    Tensor dx = head.backward(make_logits(ctx, text("dlogits", i), V, 0), i, ctx);
    result.push_back(hold_whole(ctx, text("dx", i), dx));
    embedding.backward(dx, i, ctx);
  }
  hold_gradients(ctx, {&table}, result);
  return result;
}

RankResult cross_entropy(RankContext& ctx, Index V, bool vocab_parallel) {
  CrossEntropy loss(V, vocab_parallel);
  RankResult result;
  for (int i = 0; i < 2; ++i) {
    // Padding larger than any logit: it must not be looked at.
    Tensor logits = make_logits(ctx, text("logits", i), V, 100);
    Tensor targets = make_tokens(ctx, random_tokens(T, V, 20 + i));
    result.push_back(hold_whole(ctx, text("loss", i), loss.forward(logits, targets, i, ctx)));
  }
  for (int i = 0; i < 2; ++i)
    result.push_back(hold_logits(ctx, text("dlogits", i), V, loss.backward(4 * T, i, ctx)));
  return result;
}

}  // namespace

TEST_CASE("embedding and head: tp = k equals tp = 1 bit for bit") {
  for (const Index V : kVocabularies) {
    auto run = [&](int tp) {
      return run_tp(tp, [&](RankContext& ctx) { return embedding_and_head(ctx, V); });
    };
    const HostTensors want = whole_tensors(run(1));
    INFO("vocabulary " << V);
    CHECK(all_zero(want) == std::vector<std::string>{});
    for (const int tp : {2, 3, 4, 8}) CHECK(first_difference(run(tp), want) == "");
  }
}

TEST_CASE("cross entropy, split and gathered: tp = k equals tp = 1 bit for bit") {
  for (const Index V : kVocabularies) {
    auto run = [&](int tp, bool vocab_parallel) {
      return run_tp(
          tp, [&](RankContext& ctx) { return cross_entropy(ctx, V, vocab_parallel); },
          [] { return std::make_unique<RoundingKernels>(); });
    };
    const HostTensors want = whole_tensors(run(1, true));
    INFO("vocabulary " << V);
    CHECK(all_zero(want) == std::vector<std::string>{});
    for (const int tp : {1, 2, 3, 4, 8})
      for (const bool vocab_parallel : {true, false})
        CHECK(first_difference(run(tp, vocab_parallel), want) == "");
  }
}

TEST_CASE("vocabulary shares: every row once, padding at the end") {
  for (const Index V : kVocabularies)
    for (const int t : {1, 2, 3, 4, 8}) {
      Index next = 0, rows = 0;
      for (int r = 0; r < t; ++r) {
        const VocabularyShare s = vocabulary_share(V, r, t);
        CHECK(s.padded % t == 0);
        CHECK(s.padded - V < t);
        if (s.valid > 0) CHECK(s.first == next);
        next += s.valid;
        rows += s.rows;
        CHECK(s.rows * t == s.padded);
      }
      CHECK(next == V);
      CHECK(rows == vocabulary_share(V, 0, t).padded);
    }
}

}  // namespace shardpipe
