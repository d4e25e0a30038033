// A block in style overlapped with one of its linears from exercise day04_overlap or
// day04_dx_under_dw, so that the lab runs it. A file for each of the two: the headers of two
// exercises declare the same entry.
#pragma once

#include "core/tensor_parallel/block.h"

namespace shardpipe {

// The answers are loaded (labs/answers.h).
std::unique_ptr<Layer> answered_row(RankContext& ctx, const std::string& name, Index D, Index F,
                                    RowOptions options, int chunks);
std::unique_ptr<Layer> answered_column(RankContext& ctx, std::vector<OutputPart> parts, Index D,
                                       ColumnOptions options);

// exercise: which of the two; the other linears are the kit's.
std::unique_ptr<Layer> answered_overlap_block(RankContext& ctx, const BlockOptions& options,
                                              const std::string& exercise);

}  // namespace shardpipe
