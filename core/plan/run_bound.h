// RunBound: what a run holds at most, all ranks of its grid together, before it begins: to refuse
// what no machine here could hold. memory_model.h is exact and knows one kind of block; this is at
// least what any block of the kit holds, and not much more (tests/plan/run_bound_test.cc).
//
// Figures are doubles: sizes that a person may type multiply beyond 64 bits. Costs of the bound:
// the schedule once, but of few layers; the others are alike and are added by formula.
#pragma once

#include "core/model/inference_pipeline.h"
#include "core/model/pipeline_decoder.h"
#include "core/plan/tensor_bytes.h"

namespace shardpipe {

struct RunBound {
  double weights = 0;      // bytes, with what belongs to them: gradients, optimizer states
  double activations = 0;  // bytes of all other tensors that are alive at once
  // On cpu and mpi bytes that the program has let go, and that work in the queues of the streams
  // still holds: of the 1,024 operations that a program may be ahead.
  double queued = 0;
  // On cpu and mpi bytes of f32 copies, while an operation on bf16 runs (kernels/widened.h).
  double widened = 0;
  double whole_weights = 0;   // bytes of all weights gathered on one rank, in f32
  double largest_weight = 0;  // bytes of the largest of them
  double layers = 0;          // blocks, on all ranks
  double operations = 0;      // submitted in one step, on all ranks
};

// One layer's forward and backward on x [T,D] on tp ranks: a transformer block, or a part of one.
enum class LayerPart : std::uint8_t { attention, mlp, block };
RunBound layer_bound(LayerPart part, const DecoderConfig& config, Index tokens, int tp);

// A step of training with AdamW; tokens: of one micro-batch.
RunBound training_bound(const DecoderConfig& config, GridShape grid, const PipelineOptions& options,
                        Index tokens);

// Text generated on tp x pp ranks: prompts of `prompt` tokens that grow by `tokens`.
RunBound inference_bound(const DecoderConfig& config, GridShape grid,
                         const InferenceOptions& options, Index prompt, int tokens);

}  // namespace shardpipe
