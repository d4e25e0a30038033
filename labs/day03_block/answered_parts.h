// Parts of a model as exercises of day 3 have them, with the kit's weights, so that labs run the
// learner's functions. Each loads its answer (labs/answers.h).
#pragma once

#include "core/tensor_parallel/block.h"
#include "core/tensor_parallel/vocabulary.h"

namespace shardpipe {

// day03_embedding, on the kit's table.
std::unique_ptr<TokenEmbedding> answered_embedding(Parameter& table, Index vocabulary);
// day03_cross_entropy.
std::unique_ptr<TokenLoss> answered_loss(Index vocabulary);
// day03_block, on the kit's norms, attention and MLP. Of options, style plain only.
std::unique_ptr<Layer> answered_block(RankContext& ctx, int layer, const BlockOptions& options);

}  // namespace shardpipe
