// Numbers that labs run with: functions of a seed, a name and an index, the same on every grid.
#pragma once

#include "core/tensor_parallel/parameter.h"

namespace shardpipe {

// Values in [-1, 1] with mean 0 that depend on (seed, name, index) only.
Fill uniform_fill(std::uint64_t seed, double scale);
// Small integers: sums of their products are exact in any order.
Fill integer_fill(std::uint64_t seed);

// A tensor [rows, columns] filled by `fill` under `name`, the same on every rank.
Tensor make_input(RankContext& ctx, const std::string& name, Index rows, Index columns, DType dtype,
                  const Fill& fill);

}  // namespace shardpipe
