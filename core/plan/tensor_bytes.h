// What the tensors of one micro-batch weigh, and what a block keeps of them, as formulas.
// Letters: B sequences of S positions, T = B S tokens, D features, F hidden features of the MLP,
// H query heads, K key/value heads, C = D/H head dimension, V' vocabulary padded to a multiple of
// t, t tensor-parallel ranks, e bytes of an element (4 f32, 2 bf16). All ranks of a
// tensor-parallel group hold the same: padding is spread evenly, and of K < t key/value heads every
// rank holds one whole, K/t below is then 1.
#pragma once

#include <cstdint>

#include "core/model/config.h"

namespace shardpipe {

struct TensorBytes {
  std::int64_t x = 0;       // [T,D]: input, output, norms, every gradient of those
  std::int64_t stats = 0;   // [T,2] f32, mean and scale of a layer norm; [T,1] of an RMS norm
  std::int64_t whole = 0;   // [T,D] where x and stats are of T/t tokens (sequence parallelism)
  std::int64_t q = 0;       // [T, H/t C]: queries; also what the heads give, "context"
  std::int64_t kv = 0;      // [T, K/t C]: keys; also values
  std::int64_t p = 0;       // [B, H/t, S, S]: attention probabilities, T S H/t of them
  std::int64_t up = 0;      // [T, F/t], what GELU sees; [T, 2F/t], gate and up, in a gated MLP
  std::int64_t act = 0;     // [T, F/t], what the activation function gives
  std::int64_t logits = 0;  // [T, V'/t]
  std::int64_t column = 0;  // [T] f32 or i32: tokens, targets, positions, sums over a row
  std::int64_t places = 0;  // i32 of each token of x where positions are learned, else 0
};

// Paired layers of style plain or sequence-parallel (tp_style.h); usage error otherwise.
TensorBytes tensor_bytes(const DecoderConfig& config, Index tokens, int tp);

// What a block keeps between forward and backward of one micro-batch:
//   x, norm1(x), z, norm2(z)       4 T D e           not split: every rank has all of them
//   q, k, v, p, context            T C (2H + 2K) e / t + T S H e / t
//   up, act                        2 T F e / t       (gated: gate, up, act  3 T F e / t)
//   two norms' statistics          16 T              (RMS: 8 T)
// With K = H, F = 4 D, GELU:       T D e (4 + 12/t + S H / (D t))   + 16 T
// Korthikanti et al. (arXiv:2205.05198, equation 2; s = S, b = B, h = D, a = H, bytes of 16-bit
// elements):                       s b h (10 + 24/t + 5 a s / (h t))
// At e = 2 ours is                 s b h (8 + 24/t + 2 a s / (h t)) + 16 s b.
// The difference: they count two dropout masks of one byte outside of the attention (2), and in it
// the mask (1) and the output (2) of the dropout on p; we have no dropout. They leave the
// statistics out. Flash attention keeps no p at all: the last term is 0.
// With sequence parallelism x, norms and z are of T/t tokens: s b h (32/t + 2 a s / (h t)), all of
// it split (Korthikanti et al., equation 4: 34/t with their masks).
std::int64_t kept_by_block(const TensorBytes& n);

// The same where backward is in halves, between input gradient (I) and weight gradient (W): inputs
// of the linears and norms, and the gradient at the output of each. q, k, v, p and up are gone;
// dy, dnorm2, dz, dnorm1 (T D each), dqkv and dup came:
//   8 T D e + T C (2H + 2K) e / t + (2 or 3) T F e / t + 16 T (8 T)
// That is 4 T D e - T S H e / t more than before: below S H = 4 D t a delayed W costs memory.
// With sequence parallelism the two dy of row linears are kept as they were gathered:
//   (6/t + 2) T D e instead of 8 T D e.
std::int64_t kept_for_weights(const TensorBytes& n);
// Of that, what a row linear keeps: the gradient at its output, of all tokens.
std::int64_t kept_dy(const TensorBytes& n);

// With recomputation: x alone, T D e.
std::int64_t kept_for_recomputation(const TensorBytes& n);

// Keys and values of one token in all layers of a stage: layers * 2 K/t C e.
std::int64_t kv_cache_bytes_per_token(const DecoderConfig& config, int layers, int tp);

}  // namespace shardpipe
