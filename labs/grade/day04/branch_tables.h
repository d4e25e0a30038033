// A residual branch y = x + inner(norm(x)) + bias of one rank in float64: what day04_sequence_block
// is graded by. norm is n = scale x + shift, without the division of a real one, and inner is
// mix n column^T row^T, attention with weights that are given: so integers stay integers, and still
// inner needs all tokens and norm has weights.
#pragma once

#include "labs/grade/data.h"
#include "labs/grade/oracle.h"

namespace shardpipe {

// t ranks: T = t kOwnTokens tokens, F = t kInnerShard hidden features.
inline constexpr Index kOwnTokens = 2, kBranchFeatures = 7, kInnerShard = 3;

struct BranchTables {
  Table scale, shift, mix, column, row, bias;  // [1,D] [1,D] [T,T] [F,D] [D,F] [1,D]
};

struct BranchForward {
  Table normed, hidden, y;  // [T,D] [T,F] [T,D]
};
BranchForward branch_forward_of(const BranchTables& branch, const Table& x);

struct BranchBackward {
  Table dx;                // [T,D]
  BranchTables gradients;  // of mix: none
};
BranchBackward branch_backward_of(const BranchTables& branch, const Table& x,
                                  const BranchForward& forward, const Table& dy);

// What a tensor-parallel group is given: z = branch(attention, x), y = branch(mlp, z).
struct BlockNumbers {
  Table x, dy;  // [T,D]
  BranchTables attention, mlp;
};
// who: in y (every column) and dx (column 0) rank r's term is 8^r, then come the digits of the bias
// and of what the residual brings; attention gives nothing.
BlockNumbers block_numbers(Data data, std::uint64_t seed, const GridShape& grid, int group);

// Roundings behind any of the results: through both branches forward and backward.
double block_roundings(int tp);

}  // namespace shardpipe
