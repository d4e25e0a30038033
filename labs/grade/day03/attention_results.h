// The float64 results of attention on one rank. Letters as in attention_numbers.h.
#pragma once

#include "labs/grade/day03/attention_numbers.h"

namespace shardpipe {

// dk, dv by query head: a rank that holds a copy of a key/value head sees its own query heads only.
struct AttentionResults {
  Table q, k, v;     // [T,H C] [T,K C] [T,K C]
  Table p;           // [B H S,S]
  Table context, y;  // [T,H C] [T,D]
  Table dcontext;    // [T,H C]
  Table dq, dk, dv;  // [T,H C] each
  Table dx;          // [T,D]
};

// On exact data softmax is in sixteenths (core/reference/sixteenths_kernels.h).
AttentionResults attention_results(const AttentionNumbers& of);
// Of the weights, of this micro-batch alone.
AttentionTables attention_gradients(const AttentionNumbers& of, const AttentionResults& results);

// [T,n C] by query head -> [T,count C]: the sums over neighbouring heads that share one of `count`.
Table by_kv_head(const Table& x, Index count);

// Roundings behind any of the results.
double attention_roundings(const AttentionSizes& sizes);

}  // namespace shardpipe
