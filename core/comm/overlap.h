// Operands that share memory which one of them writes: what an operation leaves there depends on
// the order of its parts.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/device/op_info.h"

namespace shardpipe {

struct Overlap {
  std::size_t first = 0, second = 0;  // indices, ascending
  std::int64_t bytes = 0;
};

// Some such pair, if there is any. Cost: n lg n comparisons for n operands.
std::optional<Overlap> find_overlap(const std::vector<Operand>& operands);

}  // namespace shardpipe
