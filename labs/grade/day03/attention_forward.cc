// How day03_attention_forward is graded.
#include "exercises/day03_block/day03_attention_forward.h"

#include "labs/grade/budgets.h"
#include "labs/grade/day03/attention_cases.h"
#include "labs/grade/graded_exercises.h"

namespace shardpipe {
namespace {

// One all-reduce of y; memory for q, k and v side by side, [T,3hC], beside what is given.
AttentionTrial trial_of(const AttentionForwardAnswer& answer, const AttentionSizes& sizes) {
  const Index beside = kAttentionTokens * 3 * sizes.share().heads * kAttentionHeadSize;
  std::vector<Budget> budgets = one_sum_in(Phase::forward);
  budgets.push_back(no_calls_but({.kind = OpKind::all_reduce, .axis = "tp"}));
  budgets.push_back(
      bytes_held([=](int) { return 4.0 * static_cast<double>(numbers_given(sizes) + beside); }));
  AttentionParts parts = given_attention();
  parts.project_heads = answer.project_heads;
  parts.attend = answer.attend;
  return {.parts = parts, .graded = Passes::forward, .budgets = budgets};
}

std::vector<DeviceCase> cases_of(const AttentionForwardAnswer& answer, std::uint64_t seed) {
  return attention_cases([&](const AttentionSizes& sizes) { return trial_of(answer, sizes); },
                         {{.grid = {.tp = 3, .dp = 2}, .heads = 6, .kv_heads = 6},
                          {.grid = {.tp = 5}, .heads = 15, .kv_heads = 15}},
                         seed);
}

}  // namespace

std::unique_ptr<Graded> graded_attention_forward() {
  return make_graded(cases_of, &AttentionForwardAnswer::project_heads,
                     &AttentionForwardAnswer::attend);
}

}  // namespace shardpipe
