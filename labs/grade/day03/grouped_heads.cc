// How day03_grouped_heads is graded.
#include "exercises/day03_block/day03_grouped_heads.h"

#include "labs/grade/budgets.h"
#include "labs/grade/day03/attention_cases.h"
#include "labs/grade/graded_exercises.h"

namespace shardpipe {
namespace {

// Weights and biases of keys and values, summed over the ranks that hold the same ones: in one call
// or in several.
std::vector<Budget> copies_summed(const AttentionSizes& sizes) {
  const HeadShare share = sizes.share();
  const Collectives sums{.kind = OpKind::all_reduce, .axis = "kv"};
  const Index numbers = 2 * share.kv_heads * kAttentionHeadSize * (kAttentionFeatures + 1);
  return {bytes_of(sums, share.kv_replicas == 1 ? 0 : 4 * numbers)};
}

AttentionTrial trial_of(const GroupedHeadsAnswer& answer, const AttentionSizes& sizes) {
  const Index h = sizes.share().heads, k = sizes.share().kv_heads;
  const Index beside = kAttentionTokens * (3 * h + 2 * k) * kAttentionHeadSize +
                       kAttentionTokens * h * kAttentionPositions;
  std::vector<Budget> budgets = copies_summed(sizes);
  for (const Phase phase : {Phase::forward, Phase::backward})
    for (const Budget& budget : one_sum_in(phase)) budgets.push_back(budget);  // given
  budgets.push_back(
      bytes_held([=](int) { return 4.0 * static_cast<double>(numbers_given(sizes) + beside); }));
  return {.parts = given_attention(
              {.context = answer.grouped_context, .kv_gradients = answer.kv_gradients}),
          .end_of_step =
              [=](const AttentionShard& gradients, RankContext& ctx) {
                const int rank = ctx.tp.rank(), t = ctx.tp.size();
                const auto K = static_cast<int>(sizes.kv_heads);
                const auto copies = ctx.tp.subgroup(
                    K < t ? answer.ranks_of_kv_head(rank, t, K) : std::vector<int>{rank}, "kv");
                answer.sum_copies(gradients, *copies, ctx);
              },
          .budgets = budgets};
}

std::vector<DeviceCase> cases_of(const GroupedHeadsAnswer& answer, std::uint64_t seed) {
  return attention_cases(
      [&](const AttentionSizes& sizes) { return trial_of(answer, sizes); },
      {{.grid = {.tp = 6}, .heads = 12, .kv_heads = 2},           // three ranks a head
       {.grid = {.tp = 2, .dp = 2}, .heads = 12, .kv_heads = 4},  // two heads a rank
       {.grid = {.tp = 3}, .heads = 6, .kv_heads = 1}},           // one head for all
      seed);
}

}  // namespace

std::unique_ptr<Graded> graded_grouped_heads() {
  return make_graded(cases_of, &GroupedHeadsAnswer::ranks_of_kv_head,
                     &GroupedHeadsAnswer::grouped_context, &GroupedHeadsAnswer::kv_gradients,
                     &GroupedHeadsAnswer::sum_copies);
}

}  // namespace shardpipe
