// The linear layers of day 2's exercises as Layers, so that the lab runs them: the learner's
// functions on the kit's weights, and what an exercise does not ask for is the kit's. A file each:
// the headers of two exercises declare the same entry.
#pragma once

#include "core/tensor_parallel/linear.h"

namespace shardpipe {

using MakeLinear = std::unique_ptr<Layer>(RankContext& ctx, Index D, Index F, DType dtype);

MakeLinear answered_column;    // day02_column_forward: its forward
MakeLinear answered_row;       // day02_row_forward: its forward
MakeLinear answered_gathered;  // day02_edges: column parallel with gather_output
MakeLinear answered_split;     // day02_edges: row parallel, of a whole input

}  // namespace shardpipe
