// The numbers that the attention exercises are tried on.
// Letters: B sequences, S positions, T = B S tokens, D features, C head size, H query heads, K
// key/value heads, all of them; h and k those of one rank.
#pragma once

#include "core/comm/process_grid.h"
#include "core/tensor_parallel/attention.h"
#include "labs/grade/data.h"
#include "labs/grade/oracle.h"

namespace shardpipe {

// C = 4 makes attention's scale 1/2, which rounds nothing. D is not H C, so that no two are mixed
// up.
inline constexpr Index kAttentionSequences = 2, kAttentionPositions = 3, kAttentionHeadSize = 4,
                       kAttentionFeatures = 7;
inline constexpr Index kAttentionTokens = kAttentionSequences * kAttentionPositions;

struct AttentionSizes {
  GridShape grid = {};
  Index heads = 1, kv_heads = 1;  // H, K

  HeadShare share() const { return head_share(heads, kv_heads, grid.tp); }
  Index first_head(int rank) const { return rank * share().heads; }
  Index first_kv_head(int rank) const { return rank / share().kv_replicas * share().kv_heads; }
};

struct AttentionTables {
  Table q_weight, k_weight, v_weight;  // [H C,D] [K C,D] [K C,D]
  Table q_bias, k_bias, v_bias;        // [1,H C] [1,K C] [1,K C]
  Table out_weight, out_bias;          // [D,H C] [1,D]
};

// Whole, of one tensor-parallel group.
struct AttentionNumbers {
  AttentionSizes sizes;
  Data data;
  Table x, dy;  // [T,D]
  AttentionTables weights;
  AttentionTables earlier;  // what is in the gradients before
};

// who: every query sees position 0 only; in y and in dx at position 0 rank r's term is 8^r.
// where: every query sees its own position only; places of x and dy, moved about.
AttentionNumbers attention_numbers(Data data, std::uint64_t seed, const AttentionSizes& sizes,
                                   int group);

}  // namespace shardpipe
