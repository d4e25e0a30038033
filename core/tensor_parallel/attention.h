// Causal self-attention with heads split over t tensor-parallel ranks.
// Letters: B sequences, S positions, T = B S tokens, D features, C head dimension, H query heads,
// K key/value heads (K = H: multi-head; K < H: grouped-query, Ainslie et al., arXiv:2305.13245).
//
// A head needs nothing from other heads, so each rank computes H/t of them from its own columns of
// one fused projection laid out per rank as [Q_i | K_i | V_i], and the output projection is row
// parallel: one all-reduce [T,D] forward, one backward (Megatron-LM, section 3).
// With K < t every key/value head is held by t/K neighbouring ranks; their weight gradients are
// summed once a step in group "kv".
//
// Naive twin: QKV gathered, all heads on every rank, output projection column parallel + gather.
#pragma once

#include <string>

#include "core/tensor_parallel/tp_style.h"

namespace shardpipe {

struct CachedSequences;  // kv_cache.h

struct AttentionOptions {
  Index heads = 1, kv_heads = 1;  // H, K
  Index sequence = 1;             // S
  bool bias = true;
  float rotary_theta = 0;  // 0: no rotary embedding
  bool paired = true;      // false: the naive twin
  TpTwin twin = {};        // of the paired form
  bool sums =
      true;  // false: y and dx are left partial sums, which the caller sums (parallel_block.h)
  // Selective recomputation (Korthikanti et al., arXiv:2205.05198, section 5): the softmax
  // [B h,S,S], by far the largest thing that attention keeps, is computed a second time in
  // backward. Costs 2 T S h C more flops.
  bool recompute_softmax = false;
  WeightType dtype = {};
  // Inference: keys and values are kept from call to call (cached_attention.h). Borrowed.
  const CachedSequences* cached = nullptr;
};

// Heads and key/value heads of one rank. Throws a usage error unless t divides H, K divides H, and
// t divides K or K divides t.
struct HeadShare {
  Index heads = 0, kv_heads = 0;
  int kv_replicas = 1;  // ranks that hold the same key/value heads
};
HeadShare head_share(Index heads, Index kv_heads, int t);

// qkv [T, n (h + 2k) C] -> context [T, n h C] for n shares of h heads and k key/value heads each.
class AttentionCore : public PureLayer {
 public:
  AttentionCore(HeadShare share, int shares, Index C, const AttentionOptions& options);
  Tensor forward(Tensor qkv, int microbatch, RankContext& ctx) override;
  Tensor backward_input(Tensor dy, int microbatch, RankContext& ctx) override;
  void drop(int microbatch) override { saved_.erase(microbatch); }

 protected:
  struct Projected {
    Tensor q, k, v;  // [B,h,S,C] [B,k,S,C] [B,k,S,C], turned
  };
  Tensor empty_context(const Tensor& qkv, RankContext& ctx) const;
  // Positions first .. first + S - 1 of each sequence.
  Projected project(Tensor qkv, Index S, Index first, int share, RankContext& ctx) const;
  // Softmax [B k, (h/k) S, first + S] of what queries of positions first .. see: the keys of
  // positions 0 .. up to their own, of which x may have room for more.
  Tensor softmax(const Projected& x, Index first, RankContext& ctx) const;
  // Weighs the values with p and writes the share's columns of context.
  void attend(Tensor p, const Projected& x, Index first, Tensor context, int share,
              RankContext& ctx) const;

 private:
  struct Saved {
    Projected x;
    Tensor p;  // empty: computed again
  };
  void attend_backward(Tensor dqkv, Tensor dcontext, const Saved& s, int share, RankContext& ctx);
  Tensor per_group(
      Tensor q) const;  // [B,h,S,C] -> [B k, (h/k) S, C]: the rows that share a key head
  Tensor per_kv_head(Tensor k) const;  // [B,k,S,C] -> [B k, S, C]

  HeadShare share_;
  int shares_;
  Index C_, S_;
  float rotary_theta_;
  bool recompute_softmax_;
  std::map<int, std::vector<Saved>> saved_;
};

class Attention : public Sequential {
 public:
  Attention(RankContext& ctx, const std::string& name, Index D, AttentionOptions options);
};

}  // namespace shardpipe
