#include "labs/day04_communication/answered_overlap.h"

#include "labs/day04_communication/branches.h"

namespace shardpipe {

std::unique_ptr<Layer> answered_overlap_block(RankContext& ctx, const BlockOptions& o,
                                              const std::string& exercise) {
  const bool bias = o.mlp.bias;
  const WeightType dtype = o.mlp.dtype;
  const TpTwin twin = o.mlp.twin;
  const Linears linears{.column =
                            [&](std::vector<OutputPart> parts) {
                              const ColumnOptions options{.bias = bias, .dtype = dtype};
                              return exercise == "day04_dx_under_dw"
                                         ? answered_column(ctx, std::move(parts), o.D, options)
                                         : make_column(ctx, std::move(parts), o.D, options, twin);
                            },
                        .row =
                            [&](const std::string& name, Index inputs) {
                              const RowOptions options{.bias = bias, .dtype = dtype};
                              return exercise == "day04_overlap"
                                         ? answered_row(ctx, name, inputs, o.D, options,
                                                        twin.chunks)
                                         : make_row(ctx, name, inputs, o.D, options, twin);
                            }};
  return block_of(ctx, o, linears, [&](const std::string& name) {
    return make_norm(ctx, o.norm, name, o.D, dtype, o.norm_epsilon);
  });
}

}  // namespace shardpipe
