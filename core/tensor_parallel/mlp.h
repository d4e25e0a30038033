// The feed-forward part of a transformer block: T tokens, D features, F hidden features.
//   Mlp       y = gelu(x W1^T + b1) W2^T + b2                 (GPT-2)
//   GatedMlp  y = (silu(x Wg^T) * (x Wu^T)) W2^T              (Llama)
// How the two linears are split decides the communication, forward + backward of x, t ranks:
//   col_row   all-reduce [T,D]                   + all-reduce [T,D]                   (Megatron-LM)
//   col_col   all-gather [T,F], all-gather [T,D] + all-reduce [T,F], all-reduce [T,D]
//   row_col   all-reduce [T,F], all-gather [T,D] + all-reduce [T,F], all-gather [T,D]
//   row_row   all-reduce [T,F], all-reduce [T,D] + all-gather [T,F], all-gather [T,D]
// In col_row the activation acts on the shard that the first linear leaves and the second wants;
// in the others every linear gives its full output to every rank.
#pragma once

#include <string>
#include <string_view>

#include "core/tensor_parallel/tp_style.h"

namespace shardpipe {

enum class Pairing { col_row, col_col, row_col, row_row };

const char* name_of(Pairing pairing);  // "col-row"
Pairing parse_pairing(std::string_view name);

struct MlpOptions {
  Pairing pairing = Pairing::col_row;
  bool bias = true;
  GeluKind gelu = GeluKind::tanh;
  TpTwin twin = {};  // of col_row
  bool sums =
      true;  // false: y and dx are left partial sums, which the caller sums (parallel_block.h)
  bool fused_gelu = false;  // Mlp, col_row, style plain: GELU in the product's epilogue
  WeightType dtype = {};
};

class Gelu : public PureLayer {
 public:
  explicit Gelu(GeluKind kind) : kind_(kind) {}
  Tensor forward(Tensor x, int microbatch, RankContext& ctx) override;
  Tensor backward_input(Tensor dy, int microbatch, RankContext& ctx) override;
  void drop(int microbatch) override { saved_x_.erase(microbatch); }

 private:
  GeluKind kind_;
  std::map<int, Tensor> saved_x_;
};

// [T,2F] -> [T,F].
class SiluGate : public PureLayer {
 public:
  Tensor forward(Tensor gate_up, int microbatch, RankContext& ctx) override;
  Tensor backward_input(Tensor dy, int microbatch, RankContext& ctx) override;
  void drop(int microbatch) override { saved_.erase(microbatch); }

 private:
  std::map<int, Tensor> saved_;
};

class Mlp : public Sequential {
 public:
  Mlp(RankContext& ctx, const std::string& name, Index D, Index F, MlpOptions options);
};

// Gate and up are one fused column-parallel linear, laid out per rank as [gate_i | up_i].
// Pairings col_row, and col_col with the gathered output put in order again.
class GatedMlp : public Sequential {
 public:
  GatedMlp(RankContext& ctx, const std::string& name, Index D, Index F, MlpOptions options);
};

}  // namespace shardpipe
