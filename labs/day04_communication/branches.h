// The layers of a block's two branches, around linears of one's own: for labs that run answers of
// exercises. Names and shapes are those of TransformerBlock, so results compare with it.
#pragma once

#include "core/tensor_parallel/block.h"

namespace shardpipe {

struct Linears {
  // [.,D] -> the rank's shares of the parts.
  std::function<std::unique_ptr<Layer>(std::vector<OutputPart> parts)> column = {};
  // From the rank's share of `inputs` features to D.
  std::function<std::unique_ptr<Layer>(const std::string& name, Index inputs)> row = {};
};

// Usage error for heads that do not divide (head_share).
std::unique_ptr<Layer> attention_of(RankContext& ctx, const BlockOptions& o,
                                    const Linears& linears);
std::unique_ptr<Layer> mlp_of(const BlockOptions& o, const Linears& linears);
// Both branches, each y = x + inner(norm(x)). make: the norm of a branch, by its name.
std::unique_ptr<Layer> block_of(
    RankContext& ctx, const BlockOptions& o, const Linears& linears,
    const std::function<std::unique_ptr<Layer>(const std::string& name)>& make);

}  // namespace shardpipe
