// The labs of day 4 that run one transformer block in two styles of tensor parallelism.
#pragma once

#include "core/tensor_parallel/tp_style.h"
#include "labs/layer_lab.h"

namespace shardpipe {

struct BlockStyle {
  TpTwin twin = {};
  bool recompute_softmax = false;
  bool parallel = false;  // ParallelBlock
};

// Forward and backward of a block; y, dx and every gradient are compared with one rank.
LabResult run_block(const std::string& lab, const BlockStyle& style, const LabOptions& options);

// One row of a sweep: `name`, then step time, exposed and hidden communication a step, bytes kept
// by forward for backward (peak, rank 0). Columns: sweep_columns(first).
std::vector<std::string> sweep_columns(const std::string& first);
std::vector<std::string> sweep_row(const std::string& name, const LabResult& result);

// A run of a sweep: fewer steps, no comparison.
LabOptions for_sweep(LabOptions options);
std::string clock_of_sweep(const LabOptions& options);  // "modelled on 8xH100" or "measured here"

Toggle block_family_toggle();

}  // namespace shardpipe
