// A block of one rank in float64, forward and backward, as plain loops: what day03_block is graded
// by. Its four parts stand in for norms, attention and MLP: products with a [D,D] matrix, so that
// everything is exact on integers. The labs run the same answers on the kit's own layers.
#pragma once

#include "labs/grade/data.h"
#include "labs/grade/oracle.h"

namespace shardpipe {

// Odd, and no two the same.
inline constexpr Index kBlockTokens = 5, kBlockFeatures = 7;

// Weights are [outputs, inputs]. Those of the norms are the same on every rank; attention and MLP
// are sums over the ranks of a group.
struct ProductBlock {
  Table x, dy;                                  // [T,D]
  Table norm1, norm2;                           // [D,D]
  std::vector<Table> attention = {}, mlp = {};  // by rank of the group
};

// who: what rank r's attention adds to y[.][1] in even rows is 8^r, and its MLP to y[.][2]; the
// residual in both is the digit behind all ranks'. In dx[.][0] it is the attention's 8^r in even
// rows and the MLP's in odd ones, and the same digit for dy.
// where: x and dy are their places; attention and MLP turn columns by one and by two.
ProductBlock product_block(Data data, std::uint64_t seed, const GridShape& grid, int group);

struct ProductBlockResults {
  Table y, dx;                             // [T,D]
  Table dnorm1, dnorm2, dattention, dmlp;  // [D,D]; the last two are the same for every rank
};
ProductBlockResults product_block_results(const ProductBlock& of);

double product_block_roundings(int tp);  // behind any of the results

}  // namespace shardpipe
