#include "core/comm/overlap.h"

#include <algorithm>
#include <tuple>

namespace shardpipe {
namespace {

using Position = std::pair<std::int64_t, std::int64_t>;  // buffer, byte

Position begin_of(const Operand& x) { return {x.buffer, x.offset}; }
Position end_of(const Operand& x) { return {x.buffer, x.offset + x.bytes}; }

}  // namespace

// One walk in order of place. Of all operands before it, the one that reaches furthest overlaps the
// next one if any does; likewise of all that write.
std::optional<Overlap> find_overlap(const std::vector<Operand>& operands) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < operands.size(); ++i)
    if (operands[i].bytes > 0) order.push_back(i);
  std::sort(order.begin(), order.end(), [&](std::size_t i, std::size_t j) {
    return std::pair(begin_of(operands[i]), i) < std::pair(begin_of(operands[j]), j);
  });
  const std::size_t none = operands.size();
  std::size_t furthest = none, furthest_write = none;
  for (const std::size_t i : order) {
    const Operand& mine = operands[i];
    const std::size_t before = mine.write ? furthest : furthest_write;
    if (before != none && begin_of(mine) < end_of(operands[before])) {
      const std::int64_t shared =
          std::min(end_of(operands[before]), end_of(mine)).second - mine.offset;
      return Overlap{std::min(before, i), std::max(before, i), shared};
    }
    for (std::size_t* most : {&furthest, &furthest_write})
      if ((most == &furthest || mine.write) &&
          (*most == none || end_of(operands[*most]) < end_of(mine)))
        *most = i;
  }
  return std::nullopt;
}

}  // namespace shardpipe
