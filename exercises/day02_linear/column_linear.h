// A column-parallel linear layer: what one rank holds of it. Letters: T tokens, D inputs, F
// outputs, t tensor-parallel ranks. Weights are [outputs, inputs].
#pragma once

#include "core/context/rank_context.h"
#include "exercises/not_written.h"

namespace shardpipe {

struct ColumnShard {
  Tensor weight = {};  // [F/t,D]  this rank's rows of W: the outputs it makes
  Tensor bias = {};    // [F/t]    their part of the bias
};

}  // namespace shardpipe
