// The MLP of one rank in float64, forward and backward, as plain loops: what day02_mlp is graded
// by.
#pragma once

#include "labs/grade/data.h"
#include "labs/grade/oracle.h"

namespace shardpipe {

// Odd, and no two the same; F = t kHiddenShard.
inline constexpr Index kMlpTokens = 5, kMlpFeatures = 7, kHiddenShard = 3;

struct MlpTables {
  Table fc1_weight, fc1_bias, fc2_weight, fc2_bias;  // [F,D] [1,F] [D,F] [1,D]
};

// Whole, of one tensor-parallel group.
struct MlpNumbers {
  Table x, dy;  // [T,D]
  MlpTables weights;
  MlpTables earlier;  // what is in the gradients before
};

struct MlpResults {
  Table pre, act, y, dpre, dx;  // [T,F] [T,F] [T,D] [T,F] [T,D]
  MlpTables gradients;
};

// Integers are chosen so that GELU is exact, too: pre is a multiple of 16, and there the tanh GELU
// of a float is x or 0 and its slope 1 or 0 (1/2 at 0), to the last bit.
// who: in y, dx and the hidden part of the gradients rank r's term is 8^r times kWhoY, kWhoDx.
// where: places of x and dy, moved about by weights of which few are not 0.
MlpNumbers mlp_numbers(Data data, std::uint64_t seed, const GridShape& grid, int group);
inline constexpr double kWhoY = 16 * (kMlpFeatures + 1), kWhoDx = 16;

MlpResults mlp_results(const MlpNumbers& of);

// Roundings behind any of the results: the longest chain is that of pre (D products, a bias),
// GELU's slope and the gradient of act (D products), and a sum over hidden features and ranks.
double mlp_roundings(int tp);

}  // namespace shardpipe
