#include "core/plan/memory_model.h"

#include "core/model/stage_split.h"
#include "core/plan/weight_bytes.h"
#include "core/schedule/builders.h"

namespace shardpipe {
namespace {

MemoryEstimate whole_step(const DecoderConfig& config, Index weights, OptimizerStates optimizer) {
  const WeightBytes bytes = bytes_of_weight(config);
  return {.weights = weights * bytes.value,
          .gradients = weights * bytes.gradient,
          .optimizer = optimizer == OptimizerStates::adamw ? weights * bytes.states : 0};
}

}  // namespace

std::vector<MemoryEstimate> training_memory(const DecoderConfig& config, GridShape grid,
                                            const PipelineOptions& options, Index tokens,
                                            OptimizerStates optimizer) {
  const TensorBytes sizes = tensor_bytes(config, tokens, grid.tp);
  const Schedule schedule = build_schedule(options.schedule, grid.pp, options.microbatches,
                                           options.chunks, options.group);
  if (is_forward_only(schedule))
    usage_error(text("schedule ", options.schedule, " does not train: there is no backward"));
  const std::vector<StageRange> ranges = split_into_stages(config, schedule.stages);
  Program program = insert_messages(schedule);
  if (options.group_messages) program = group_messages(program);
  std::vector<MemoryEstimate> ranks;
  for (int rank = 0; rank < grid.pp; ++rank) {
    Index weights = 0;
    for (const int stage : stages_of_rank(schedule, rank))
      weights += weights_of_stage(config, ranges[static_cast<std::size_t>(stage)], grid.tp);
    MemoryEstimate estimate = whole_step(config, weights, optimizer);
    estimate.step = RankMemory(program, rank, ranges, sizes, grid.tp, options).run();
    ranks.push_back(estimate);
  }
  return ranks;
}

std::vector<ServingEstimate> serving_memory(const DecoderConfig& config, GridShape grid) {
  check_config(config, grid.tp);
  std::vector<ServingEstimate> ranks;
  for (const StageRange& range : split_into_stages(config, grid.pp))
    ranks.push_back(
        {.weights = weights_of_stage(config, range, grid.tp) * size_of(config.dtype),
         .kv_cache_per_token = kv_cache_bytes_per_token(config, range.layers, grid.tp)});
  return ranks;
}

}  // namespace shardpipe
