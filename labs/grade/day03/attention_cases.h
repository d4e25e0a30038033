// How the attention exercises are graded: attention in parts, some of which are the learner's, on
// numbers whose results are known.
#pragma once

#include "labs/day03_block/given_attention.h"
#include "labs/grade/day03/attention_part.h"

namespace shardpipe {

enum class Passes { forward, backward, both };

// What is tried on one size.
struct AttentionTrial {
  AttentionParts parts = {};
  Passes graded = Passes::both;  // backward: forward runs too, but is given and not looked at
  // After backward, once a step; may be empty.
  std::function<void(const AttentionShard& gradients, RankContext& ctx)> end_of_step = {};
  std::vector<Budget> budgets = {};
};

std::vector<DeviceCase> attention_cases(
    const std::function<AttentionTrial(const AttentionSizes&)>& trial,
    const std::vector<AttentionSizes>& sizes, std::uint64_t seed);

// One all-reduce of T D numbers in a phase, or none.
std::vector<Budget> one_sum_in(Phase phase);
std::vector<Budget> no_sum_in(Phase phase);

// Numbers that a rank is given, forward and backward: in weights, gradients, state, x, y, dx, dy.
Index numbers_given(const AttentionSizes& sizes);

}  // namespace shardpipe
