// Day 3: an embedding whose table no rank has whole.            ./lab check day03_embedding
//
// y[i] is the row of the table for word tokens[i]. The table is split by words over t ranks: all
// hold equally many rows, V'/t, where V' is V rounded up to a multiple of t. What is left over at
// the end is padding, and no word; the last ranks may have fewer words than rows, or none.
// All ranks have all tokens; a token's row is on one of them.
//
//   t = 3, V = 5, D = 1, table 10 11 12 13 14, tokens 3 0 3
//                             rank 0        rank 1        rank 2
//     first, count, valid     0, 2, 2       2, 2, 2       4, 2, 1
//     rows of the table       10 11         12 13         14 and a padding
//     looked up               0 10 0        13 0 13       0 0 0
//     y                       13 10 13 on every rank
//     dy = 1 2 4, dtable +=   2 0           0 5           0 0
//
// y, dy [T,D] and tokens are the same on every rank of the group. dtable gets what this
// micro-batch's dy says of the rank's own rows, added to what is there; padding gets nothing. There
// are other tensor-parallel groups, with other tokens.
// Allowed: one all-reduce of T D numbers in the group forward, none backward; no memory but what is
// given.
#include "exercises/day03_block/day03_embedding.h"

#include <algorithm>

namespace shardpipe::answer {

VocabularyRows words_of_rank(Index V, int tp_rank, int t) {
  // >>> region 1: first, count and valid of this rank; count is the same on all (about 4 lines)
  not_written(1);
  // <<< region 1
}

void embed(Tensor y, const Tensor& tokens, const Tensor& table, const VocabularyRows& rows,
           RankContext& ctx) {
  // >>> region 2: y on every rank (about 2 lines)
  not_written(2);
  // <<< region 2
}

void embed_backward(Tensor dtable, const Tensor& dy, const Tensor& tokens,
                    const VocabularyRows& rows, RankContext& ctx) {
  // >>> region 3: dy of each token added to its row of dtable, where that is (about 1 line)
  not_written(3);
  // <<< region 3
}

}  // namespace shardpipe::answer

extern "C" void shardpipe_answer(shardpipe::EmbeddingAnswer& answer) {
  answer = {.words_of_rank = shardpipe::answer::words_of_rank,
            .embed = shardpipe::answer::embed,
            .embed_backward = shardpipe::answer::embed_backward};
}
