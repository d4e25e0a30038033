// What of attention's whole numbers one rank of the group holds. Letters as in attention_numbers.h.
#pragma once

#include "labs/grade/day03/attention_results.h"

namespace shardpipe {

// Columns of heads first .. first + count - 1, [T,count C], turned: [B count S,C].
Table turned_heads(const Table& x, Index first, Index count);
Table rows_of_heads(const Table& p, const AttentionSizes& sizes, int rank);  // [B h S,S]
Table own_dqkv(const AttentionResults& of, const AttentionSizes& sizes, int rank);

struct AttentionPart {
  Table qkv_weight, qkv_bias;  // [(h + 2k) C,D] [1,(h + 2k) C], as [Q_i | K_i | V_i]
  Table out_weight, out_bias;  // [D,h C] [1,D]
};
AttentionPart part_of(const AttentionTables& whole, const AttentionSizes& sizes, int rank);
// Earlier gradients and this micro-batch's. Where several ranks hold the same key/value head each
// has an earlier part of its own, and all of them hold the sum.
AttentionPart gradients_of(const AttentionNumbers& numbers, const AttentionResults& results,
                           int rank);

}  // namespace shardpipe
