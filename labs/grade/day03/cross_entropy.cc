// How day03_cross_entropy is graded.
#include "exercises/day03_block/day03_cross_entropy.h"

#include "labs/grade/day03/loss_cases.h"
#include "labs/grade/graded_exercises.h"

namespace shardpipe {
namespace {

std::vector<DeviceCase> cases_of(const CrossEntropyAnswer& answer, std::uint64_t seed) {
  const auto forward = [=](const Tensor& loss, const Tensor& logits, const Tensor& targets,
                           const LossState& state, const VocabularyRows& rows, RankContext& ctx) {
    answer.largest_logits(state, logits, rows, ctx);
    answer.loss_forward(loss, logits, targets, state, rows, ctx);
  };
  return loss_cases({.forward = forward, .backward = answer.loss_backward}, seed);
}

}  // namespace

std::unique_ptr<Graded> graded_cross_entropy() {
  return make_graded(cases_of, &CrossEntropyAnswer::largest_logits,
                     &CrossEntropyAnswer::loss_forward, &CrossEntropyAnswer::loss_backward);
}

}  // namespace shardpipe
