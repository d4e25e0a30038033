// The rows of a fused QKV weight [Q | K | V], by what they belong to.
#pragma once

#include <string>
#include <vector>

#include "exercises/day03_block/qkv.h"

namespace shardpipe {

std::string words_of(const QkvSizes& sizes);                 // "t=3, H=6, K=3, C=2"
Index rows_of_all(const QkvSizes& sizes);                    // of the whole weight
std::string words_of_row(const QkvSizes& sizes, Index row);  // "row 13: row 1 of K head 0"

// What rank `rank` holds: rows of its query heads, then of its key heads and its value heads.
std::vector<Index> right_rows_of_rank(const QkvSizes& sizes, Index rank);
std::vector<Index> right_places_of_rows(const QkvSizes& sizes);

// "Q0 Q1 K0 V0": a list of rows by heads; "..": stretches of C rows that are no head's.
std::string heads_in(const QkvSizes& sizes, const std::vector<Index>& rows);

}  // namespace shardpipe
