// The numbers that one linear layer is tried on, whole, of one tensor-parallel group. The side of
// the weight that is split has kSplitShare features a rank, the other kWholeSide.
#pragma once

#include "labs/grade/data.h"
#include "labs/grade/oracle.h"

namespace shardpipe {

// Odd, and no two the same.
inline constexpr Index kLinearTokens = 5, kWholeSide = 7, kSplitShare = 3;

struct LinearNumbers {
  Table x, weight, bias;  // [T,D] [F,D] [1,F]
  Table dy;               // [T,F]

  Table y() const { return plus_row(product(x, transposed(weight)), bias); }
  Table dx() const { return product(dy, weight); }
};

// Split by outputs: D = kWholeSide, F = t kSplitShare.
// who: the weights of rank r are 8^r, so that its outputs are, plus the bias, the digit after the
// last rank's; and dx is the sum over ranks. where: token i picks input i, and dy output i, of a
// weight whose numbers are their places.
LinearNumbers column_numbers(Data data, std::uint64_t seed, const GridShape& grid, int group);

// Split by inputs: D = t kSplitShare, F = kWholeSide.
// who: rank r's partial sum is 8^r everywhere, and the bias is the digit after the last rank's.
// where: as above.
LinearNumbers row_numbers(Data data, std::uint64_t seed, const GridShape& grid, int group);

}  // namespace shardpipe
