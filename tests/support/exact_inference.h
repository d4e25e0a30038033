// Inference whose sums are exact, so that every grid must choose the same tokens.
#pragma once

#include "core/reference/rounding_kernels.h"
#include "tests/support/inference_cases.h"

namespace shardpipe {

inline std::unique_ptr<Kernels> rounding_kernels() { return std::make_unique<RoundingKernels>(); }

inline DecoderConfig small_model(Family family, Index kv_heads) {
  return {.family = family,
          .layers = 4,
          .hidden = 16,
          .ffn = 16,
          .heads = 4,
          .kv_heads = kv_heads,
          .vocabulary = 23,
          .sequence = 8,
          .tied = family == Family::gpt2,
          .rotary_theta = 3,
          .norm_epsilon = 0.5f};
}

inline TpRun run_exact(const InferenceCase& c) {
  return run_grid(
      c.grid, [&](RankContext& ctx) { return run_inference(ctx, c, exact_fill(9)); },
      rounding_kernels);
}

inline HostTensors recomputed(InferenceCase c) {
  c.grid = {};
  return whole_tensors(run_tp(
      1, [&](RankContext& ctx) { return run_recomputed(ctx, c, exact_fill(9)); },
      rounding_kernels));
}

}  // namespace shardpipe
