// Parameter: a weight, its gradient, and which part of the full weight this rank holds.
// Everything that must look the same for every tensor-parallel size (initial values, checkpoints,
// norms) goes through the pieces.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/context/rank_context.h"

namespace shardpipe {

// Slices [first, first+count) along `dim` of the local tensor are slices [full_first, ..) of the
// full tensor `name`. A fused weight has several pieces; padding belongs to none.
struct Piece {
  std::string name = {};
  Shape full = {};
  int dim = 0;
  Index full_first = 0, first = 0, count = 0;
  bool counts = true;  // false: another rank holds the same slices and counts them
};

// What a weight and its gradient are stored as.
struct WeightType {
  DType value = DType::f32, gradient = DType::f32;
  constexpr WeightType() = default;
  constexpr WeightType(DType both) : value(both), gradient(both) {}  // NOLINT: most are of one type
  constexpr WeightType(DType of_value, DType of_gradient)
      : value(of_value), gradient(of_gradient) {}
};

struct Parameter {
  Tensor value, grad;
  // The pieces rank `tp_rank` holds; the same function on every rank.
  std::function<std::vector<Piece>(int tp_rank)> pieces;
  // Another pipeline stage holds the same weight and counts it (tied embeddings: the head's table).
  bool copy = false;
};

// Makes value and grad; grad is zeroed.
Parameter make_parameter(RankContext& ctx, Shape local, WeightType type,
                         std::function<std::vector<Piece>(int)> pieces);

// The whole tensor on every rank; rank 0 counts it.
std::function<std::vector<Piece>(int)> replicated(const std::string& name, Shape full);

// One number of a full tensor.
using Fill = std::function<float(const std::string& name, Index index)>;

// value = fill(name, index in the full tensor) on every piece, 0 in padding.
void fill_parameter(RankContext& ctx, Parameter& parameter, const Fill& fill);

// Names of biases and norm shifts end in ".bias", of norm scales in ".scale", of the rest in
// ".weight". Weights are Normal(0, 0.02) as in GPT-2, and those that end a residual branch
// ("attention.out", "mlp.down") 1 / sqrt(2 layers) of that: the sum of 2 layers branches then has
// the variance of one (Radford et al., 2019, section 2.3). Biases 0; scales 1.
Fill gpt2_init(std::uint64_t seed, int layers);
// What hides no mistake: numbers of order one on every path (weights of variance 1 / inputs), no
// bias 0, no scale 1.
Fill random_fill(std::uint64_t seed, Index inputs);

// How many numbers a rank holds of it.
Index elements_of(const Piece& piece);

// Calls visit(index in the full tensor, index in the local tensor, count) for all numbers of a
// piece, as runs that lie side by side in both.
void for_each_run(const Piece& piece, const Shape& local,
                  const std::function<void(Index full, Index local, Index count)>& visit);

// Calls visit(index in the full tensor, index in the local tensor) for every number of a piece.
void for_each_number(const Piece& piece, const Shape& local,
                     const std::function<void(Index full, Index local)>& visit);

}  // namespace shardpipe
