// The embedding of a vocabulary that is split over ranks, forward and backward: what there is to
// write, and what it is given. Letters: T tokens, D features, V words, V' = V padded to a multiple
// of t, t tensor-parallel ranks.
#pragma once

#include "core/context/rank_context.h"
#include "exercises/day03_block/vocabulary_rows.h"
#include "exercises/not_written.h"

namespace shardpipe {

// tokens i32 [T] are words of the whole vocabulary, y and dy [T,D]; all are the same on every rank.
// table and dtable [V'/t,D] are this rank's rows: words rows.first and on.
struct EmbeddingAnswer {
  // What rank tp_rank of t holds of V words.
  VocabularyRows (*words_of_rank)(Index V, int tp_rank, int t) = nullptr;
  // Row i of y = the table's row of word tokens[i].
  void (*embed)(Tensor y, const Tensor& tokens, const Tensor& table, const VocabularyRows& rows,
                RankContext& ctx) = nullptr;
  // Adds to dtable, in which the gradients of earlier micro-batches are.
  void (*embed_backward)(Tensor dtable, const Tensor& dy, const Tensor& tokens,
                         const VocabularyRows& rows, RankContext& ctx) = nullptr;
  // Everything runs on a stream: s = ctx.compute.
  //   ctx.math.embedding(y, table, tokens, first, s)   y[i] = table[tokens[i] - first], and 0
  //                                                    where the table has no such row
  //   ctx.math.embedding_backward(dtable, dy, tokens, first, s)
  //                                 dtable[tokens[i] - first] += dy[i], where it has such a row
  //   ctx.tp.all_reduce(y, s)       y = sum over the tensor-parallel group of y
  //   Tensor(ctx.device, y.shape(), y.dtype())         scratch memory, of numbers like those of y
};

}  // namespace shardpipe

// Written at the end of the answer: what the grader calls.
extern "C" [[gnu::visibility("default")]] void shardpipe_answer(shardpipe::EmbeddingAnswer& answer);
