// How day03_attention_backward is graded.
#include "exercises/day03_block/day03_attention_backward.h"

#include "labs/grade/budgets.h"
#include "labs/grade/day03/attention_cases.h"
#include "labs/grade/graded_exercises.h"

namespace shardpipe {
namespace {

// One all-reduce of dx; memory beside what is given for five times the size of context (its
// gradient, turned, and those of q, k, v) and for the gradient of p.
AttentionTrial trial_of(const AttentionBackwardAnswer& answer, const AttentionSizes& sizes) {
  const Index h = sizes.share().heads;
  const Index beside =
      5 * kAttentionTokens * h * kAttentionHeadSize + kAttentionTokens * h * kAttentionPositions;
  std::vector<Budget> budgets = one_sum_in(Phase::backward);
  for (const Budget& budget : one_sum_in(Phase::forward)) budgets.push_back(budget);  // given
  budgets.push_back(no_calls_but({.kind = OpKind::all_reduce, .axis = "tp"}));
  budgets.push_back(
      bytes_held([=](int) { return 4.0 * static_cast<double>(numbers_given(sizes) + beside); }));
  AttentionParts parts = given_attention();
  parts.heads_backward = answer.heads_backward;
  parts.projection_backward = answer.projection_backward;
  return {.parts = parts, .graded = Passes::backward, .budgets = budgets};
}

std::vector<DeviceCase> cases_of(const AttentionBackwardAnswer& answer, std::uint64_t seed) {
  return attention_cases([&](const AttentionSizes& sizes) { return trial_of(answer, sizes); },
                         {{.grid = {.tp = 3, .dp = 2}, .heads = 6, .kv_heads = 6},
                          {.grid = {.tp = 5}, .heads = 15, .kv_heads = 15}},
                         seed);
}

}  // namespace

std::unique_ptr<Graded> graded_attention_backward() {
  return make_graded(cases_of, &AttentionBackwardAnswer::heads_backward,
                     &AttentionBackwardAnswer::projection_backward);
}

}  // namespace shardpipe
