// The labs of day 4 that run one transformer block in two styles of tensor parallelism.
#pragma once

#include <optional>

#include "core/tensor_parallel/fused_block.h"
#include "labs/layer_lab.h"
#include "labs/model_flags.h"

namespace shardpipe {

struct BlockStyle {
  TpTwin twin = {};
  bool recompute_softmax = false;
  bool parallel = false;               // ParallelBlock
  std::optional<FusedSum> fused = {};  // FusedBlock
  // On more than one rank this instead: around an answer of an exercise.
  std::function<std::unique_ptr<Layer>(RankContext&, const BlockOptions&)> answered = {};
};

// Forward and backward of a block; y, dx and every gradient are compared with one rank.
LabResult run_block(const std::string& lab, const BlockStyle& style, const LabOptions& options);

// Bytes that a rank holds between forward and backward of a block, x and y apart: what a model
// holds of every layer and micro-batch. The same on every device; found without numbers.
std::int64_t kept_bytes(const BlockStyle& style, const LabShape& shape, const LabOptions& options);

// One row of a sweep: `name`, then step time, exposed and hidden communication a step (and the
// share that is hidden) of the rank that exposes most, peak memory of rank 0. Columns:
// sweep_columns(first).
std::vector<std::string> sweep_columns(const std::string& first);
std::vector<std::string> sweep_row(const std::string& name, const LabResult& result);

// A run of a sweep: fewer steps, no comparison.
LabOptions for_sweep(LabOptions options);
std::string clock_of_sweep(const LabOptions& options);  // "modelled on 8xH100" or "measured here"

}  // namespace shardpipe
