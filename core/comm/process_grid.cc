#include "core/comm/process_grid.h"

#include <algorithm>

#include "core/base/error.h"

namespace shardpipe {

const char* name_of(Axis axis) {
  switch (axis) {
    case Axis::tp: return "tp";
    case Axis::pp: return "pp";
    case Axis::dp: return "dp";
  }
  return "?";
}

GridOrder parse_order(std::string_view name) {
  GridOrder order = {Axis::tp, Axis::pp, Axis::dp};
  std::sort(order.begin(), order.end());
  do {
    if (to_string(order) == name) return order;
  } while (std::next_permutation(order.begin(), order.end()));
  usage_error(text("grid order '", name,
                   "' is unknown: it names tp, pp and dp once each, innermost ",
                   "first, as in tp-dp-pp or tp-pp-dp"));
}

std::string to_string(const GridOrder& order) {
  return text(name_of(order[0]), "-", name_of(order[1]), "-", name_of(order[2]));
}

ProcessGrid::ProcessGrid(GridShape shape, GridOrder order) : shape_(shape), order_(order) {
  for (const Axis axis : order_)
    if (size(axis) < 1)
      usage_error(text("--", name_of(axis), " ", size(axis), ": must be at least 1"));
}

int ProcessGrid::size(Axis axis) const {
  return axis == Axis::tp ? shape_.tp : axis == Axis::pp ? shape_.pp : shape_.dp;
}

int ProcessGrid::stride(Axis axis) const {
  int stride = 1;
  for (const Axis inner : order_) {
    if (inner == axis) break;
    stride *= size(inner);
  }
  return stride;
}

GridCoord ProcessGrid::coord_of(int rank) const {
  auto index = [&](Axis axis) { return rank / stride(axis) % size(axis); };
  return {.tp = index(Axis::tp), .pp = index(Axis::pp), .dp = index(Axis::dp)};
}

int ProcessGrid::rank_of(GridCoord c) const {
  return c.tp * stride(Axis::tp) + c.pp * stride(Axis::pp) + c.dp * stride(Axis::dp);
}

std::vector<int> ProcessGrid::group_of(int rank, Axis axis) const {
  const int index = rank / stride(axis) % size(axis);
  std::vector<int> ranks;
  for (int i = 0; i < size(axis); ++i) ranks.push_back(rank + (i - index) * stride(axis));
  return ranks;
}

std::vector<std::vector<int>> ProcessGrid::groups(Axis axis) const {
  std::vector<std::vector<int>> all;
  for (int rank = 0; rank < shape_.ranks(); ++rank) {
    std::vector<int> group = group_of(rank, axis);
    if (group.front() == rank) all.push_back(std::move(group));
  }
  return all;
}

}  // namespace shardpipe
