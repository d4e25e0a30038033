// The rows of a fused QKV weight that a rank holds: what there is to write.
#pragma once

#include "exercises/day03_block/qkv.h"

namespace shardpipe {

// t divides K, or K divides t.
struct QkvLayoutAnswer {
  // The rows of the whole weight that rank `rank` holds, in the order in which it holds them.
  std::vector<Index> (*rows_of_rank)(const QkvSizes& sizes, Index rank) = nullptr;
  // For every one of the `rows` rows of the whole weight, in order: where it is when the ranks'
  // parts are put one below the other, rank 0's first. Of copies the one of the lowest rank.
  // held[r]: what rows_of_rank says of rank r.
  std::vector<Index> (*places_of_rows)(const std::vector<std::vector<Index>>& held,
                                       Index rows) = nullptr;
};

}  // namespace shardpipe

// Written at the end of the answer: what the grader calls.
extern "C" [[gnu::visibility("default")]] void shardpipe_answer(shardpipe::QkvLayoutAnswer& answer);
