// The model of memory: what every rank of a tp x pp x dp grid holds while it trains or serves a
// decoder, from shapes and schedule alone; nothing is run. For training the figures are those of
// MemoryCounter (core/device/device.h), to the byte.
//
// Weights, gradients and optimizer states are there for the whole step. Activations come and go:
// the program of each pipeline rank is replayed, action by action and message by message, with what
// each layer allocates and frees (layer_memory.h). The worst moment is the worst of that replay: a
// (stage, micro-batch) in flight counts with its own stage's bytes, so an uneven split, the ends of
// the model and halves of backward are right, which peak in flight times an average is not.
//
// Ranks of a tensor-parallel group, and copies over dp, are alike (tensor_bytes.h).
// docs/memory.md shows what comes out.
#pragma once

#include <vector>

#include "core/plan/rank_memory.h"

namespace shardpipe {

enum class OptimizerStates { none, adamw };  // adamw: weight_bytes.h

struct MemoryEstimate {
  std::int64_t weights = 0;    // bytes, as all below
  std::int64_t gradients = 0;  // buckets move them, and add nothing
  std::int64_t optimizer = 0;
  StepMemory step = {};

  std::int64_t total() const { return weights + gradients + optimizer + step.worst.total(); }
};

// One estimate a pipeline rank. tokens: T of one micro-batch. Usage errors: what PipelineDecoder
// refuses, the naive layers, and schedules without backward.
std::vector<MemoryEstimate> training_memory(const DecoderConfig& config, GridShape grid,
                                            const PipelineOptions& options, Index tokens,
                                            OptimizerStates optimizer);

// Serving: weights, and keys and values of every token that a sequence has so far.
struct ServingEstimate {
  std::int64_t weights = 0;
  std::int64_t kv_cache_per_token = 0;
};

// One estimate a pipeline rank, one stage each.
std::vector<ServingEstimate> serving_memory(const DecoderConfig& config, GridShape grid);

}  // namespace shardpipe
