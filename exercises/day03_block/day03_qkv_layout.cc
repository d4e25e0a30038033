// Day 3: which rows of a fused QKV weight a rank holds.         ./lab check day03_qkv_layout
//
// Queries, keys and values are three projections of the same x. They are computed as one product
// with one weight, whose rows are those of Q, then of K, then of V: H, K and K heads of C rows. The
// heads are split over t ranks, and a rank needs Q, K and V of its own heads. So its part of the
// weight is no stretch of the whole one: it is [Q_i | K_i | V_i], its heads of each, in order.
// Query head j uses key/value head j / (H/K), rounded down: neighbours share one.
//
//   t = 2, H = K = 2, C = 1     rows of the whole weight: 0 1 | 2 3 | 4 5
//     rank 0 holds head 0:      0 2 4       (rows 0 1 2 would be Q Q K: no value at all)
//     rank 1 holds head 1:      1 3 5
//
// With K >= t a rank holds K/t key/value heads, those that its query heads use. With K < t it holds
// one, and so do its neighbours: t/K ranks in a row have query heads that use it, and a copy each.
//
//   t = 4, H = 4, K = 2, C = 1  rows of the whole weight: 0 1 2 3 | 4 5 | 6 7
//     rank 0, rank 1:           0 4 6,  1 4 6
//     rank 2, rank 3:           2 5 7,  3 5 7
//
// A checkpoint is the whole weight in its own order, whatever t it was trained with. So the way
// back is wanted, too. The parts of all ranks are put one below the other, rank 0's first, as a
// gather does; say for every row of the whole weight where it is in that. Every copy has a place;
// wanted is the first, that of the lowest rank.
//
//   t = 2 as above: parts one below the other are rows 0 2 4 1 3 5 of the whole weight, so its rows
//   0..5 are at places 0 3 1 4 2 5.
//   t = 4 as above: 0 4 6 1 4 6 2 5 7 3 5 7, so rows 0..7 are at places 0 3 6 9 1 7 2 8.
//
// Pure functions: no device, nothing to send. t divides H; K divides H; t divides K or K divides t.
#include "exercises/day03_block/day03_qkv_layout.h"

#include <algorithm>

namespace shardpipe::answer {

std::vector<Index> rows_of_rank(const QkvSizes& sizes, Index rank) {
  // >>> region 1: the rows of rank `rank`, those of its query heads first (about 10 lines)
  not_written(1);
  // <<< region 1
}

std::vector<Index> places_of_rows(const std::vector<std::vector<Index>>& held, Index rows) {
  // >>> region 2: for every row of the whole weight its place in the parts (about 8 lines)
  not_written(2);
  // <<< region 2
}

}  // namespace shardpipe::answer

extern "C" void shardpipe_answer(shardpipe::QkvLayoutAnswer& answer) {
  answer = {.rows_of_rank = shardpipe::answer::rows_of_rank,
            .places_of_rows = shardpipe::answer::places_of_rows};
}
