// How a cross entropy of split logits is graded: two exercises ask for one.
#pragma once

#include "exercises/day03_block/loss.h"
#include "labs/grade/device_cases.h"

namespace shardpipe {

struct LossFunctions {
  std::function<void(Tensor loss, const Tensor& logits, const Tensor& targets,
                     const LossState& state, const VocabularyRows& rows, RankContext& ctx)>
      forward = {};
  // Empty: is not asked for.
  std::function<void(const Tensor& p, const Tensor& targets, const LossState& state,
                     const VocabularyRows& rows, float scale, RankContext& ctx)>
      backward = {};
};

std::vector<DeviceCase> loss_cases(const LossFunctions& loss, std::uint64_t seed);

}  // namespace shardpipe
