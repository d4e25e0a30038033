// How many weights a rank holds of a stage; letters as in tensor_bytes.h. Norms, and biases that
// are added after a sum over the ranks, are whole on every tensor-parallel rank; the rest is split.
//   block, llama   2 D + (H + 2K) C D / t + H C D / t + 3 F D / t
//   block, gpt2    4 D + ((H + 2K) C + H C + 2 F) D / t + (H + 2K) C / t + D + F / t + D
//   embedding      V' D / t   (gpt2: and S D positions)
//   norm and head  D (gpt2: 2 D) + V' D / t, unless the table is tied to one on this stage
// Every weight has a gradient of its own type; AdamW keeps two f32 more: e + e + 8 bytes a weight.
// Mixed precision as usual (Rajbhandari et al., arXiv:1910.02054, section 3.1) keeps an f32 copy
// of bf16 weights too: 2 + 2 + 12.
#pragma once

#include "core/model/decoder_stage.h"

namespace shardpipe {

Index weights_of_block(const DecoderConfig& config, int tp);
Index weights_of_stage(const DecoderConfig& config, const StageRange& range, int tp);

}  // namespace shardpipe
