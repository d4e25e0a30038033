// Gradient clipping by the global norm (Pascanu et al., ICML 2013): all gradients of the model
// times min(1, max_norm / norm), norm = sqrt(sum of their squares). Each number of the model counts
// once, however many ranks hold it: pieces that do not count and copies of tied tables are left
// out. One all-reduce of [1] over tp and one over pp; nothing is read by the host.
#pragma once

#include <vector>

#include "core/tensor_parallel/parameter.h"

namespace shardpipe {

// Called by all ranks of ctx.tp and ctx.pp when gradients are complete. Returns the squared norm
// before clipping, [1] f32, the same on every rank.
Tensor clip_by_global_norm(RankContext& ctx, const std::vector<Parameter*>& parameters,
                           float max_norm);

}  // namespace shardpipe
