// How many weights a rank holds of a stage; letters as in tensor_bytes.h. Norms, and biases that
// are added after a sum over the ranks, are whole on every tensor-parallel rank; the rest is split.
//   block, llama   2 D + (H + 2K) C D / t + H C D / t + 3 F D / t
//   block, gpt2    4 D + ((H + 2K) C + H C + 2 F) D / t + (H + 2K) C / t + D + F / t + D
//   embedding      V' D / t   (gpt2: and S D positions)
//   norm and head  D (gpt2: 2 D) + V' D / t, unless the table is tied to one on this stage
// Bytes of one, with its gradient and what AdamW keeps of it (recipes: core/model/config.h):
//   f32          4 + 4 + 8
//   bf16, full   2 + 4 + 12    states and a master in f32
//   bf16, lean   2 + 2 + 8
// Rajbhandari et al. (arXiv:1910.02054, section 3.1) count 2 + 2 + 12: gradients in 16 bits.
#pragma once

#include "core/model/decoder_stage.h"

namespace shardpipe {

struct WeightBytes {
  std::int64_t value = 0, gradient = 0;
  std::int64_t states = 0;  // of AdamW

  std::int64_t all() const { return value + gradient + states; }
};
WeightBytes bytes_of_weight(const DecoderConfig& config);

Index weights_of_block(const DecoderConfig& config, int tp);
Index weights_of_stage(const DecoderConfig& config, const StageRange& range, int tp);

}  // namespace shardpipe
