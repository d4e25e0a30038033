// Groups of a grid: what there is to write, and what it is given.
#pragma once

#include <vector>

#include "core/comm/process_grid.h"
#include "exercises/not_written.h"

namespace shardpipe {

// From core/comm/process_grid.h:
//   Axis::tp, Axis::pp, Axis::dp
//   GridShape    .tp, .pp, .dp: how many ranks each axis has; .ranks() is their product
//   GridCoord    .tp, .pp, .dp: a place, each from 0 to its size - 1
//   GridOrder    the three axes, order[0] innermost: its number changes fastest with the rank

// The size of an axis, and the number of a place on it, to be read or set (`on_axis(c, axis) = 1`).
inline int on_axis(const GridShape& s, Axis axis) {
  return axis == Axis::tp ? s.tp : axis == Axis::pp ? s.pp : s.dp;
}
inline int& on_axis(GridCoord& c, Axis axis) {
  return axis == Axis::tp ? c.tp : axis == Axis::pp ? c.pp : c.dp;
}

inline int on_axis(const GridCoord& c, Axis axis) {
  return axis == Axis::tp ? c.tp : axis == Axis::pp ? c.pp : c.dp;
}

struct GroupsAnswer {
  // Region 1. Where a rank is in the grid.
  GridCoord (*place_of)(int rank, const GridShape& shape, const GridOrder& order) = nullptr;
  // Region 2. The ranks, `rank` among them, that differ from it in their place on `axis` only; in
  // order of that place.
  std::vector<int> (*members)(int rank, Axis axis, const GridShape& shape,
                              const GridOrder& order) = nullptr;
};

}  // namespace shardpipe

// Written at the end of the answer: what the grader calls.
extern "C" [[gnu::visibility("default")]] void shardpipe_answer(shardpipe::GroupsAnswer& answer);
