// A row-parallel linear layer: what one rank holds of it. Letters: T tokens, D inputs, F outputs, t
// tensor-parallel ranks. Weights are [outputs, inputs].
#pragma once

#include "core/context/rank_context.h"
#include "exercises/not_written.h"

namespace shardpipe {

struct RowShard {
  Tensor weight = {};  // [F,D/t]  this rank's columns of W: the inputs it has
  Tensor bias = {};    // [F]      the same on every rank, where the task does not say otherwise
};

// y [T,F], the same on every rank = sum over ranks of x_i W_i^T, plus the bias once.
// x [T,D/t] is this rank's columns of the input.
using RowForward = void (*)(Tensor y, const Tensor& x, const RowShard& shard, RankContext& ctx);

}  // namespace shardpipe
