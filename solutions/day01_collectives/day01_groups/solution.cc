// Day 1: groups of a grid.                                          ./lab check day01_groups
//
// A model is split along several axes at a time: tp ranks share each layer, pp ranks the layers,
// and dp copies share the data. So the ranks 0 .. tp pp dp - 1 form a grid. They are counted
// through it with the first axis of the order in front, as digits of a clock: its number goes up
// with each rank, and when it is full it starts at 0 again and the second axis goes up by one; then
// the third.
//
//   tp = 2, pp = 2, dp = 2    order tp, dp, pp     order pp, tp, dp
//     rank 0                  tp 0 pp 0 dp 0       tp 0 pp 0 dp 0
//     rank 1                  tp 1 pp 0 dp 0       tp 0 pp 1 dp 0
//     rank 2                  tp 0 pp 0 dp 1       tp 1 pp 0 dp 0
//     rank 3                  tp 1 pp 0 dp 1       tp 1 pp 1 dp 0
//     rank 4                  tp 0 pp 1 dp 0       tp 0 pp 0 dp 1
//
// Region 1: the place of a rank.
//
// Region 2: its group on an axis. A sum over tensor-parallel ranks, say, goes over those that share
// its layers and its data: all whose place differs from its own on axis tp only, itself included,
// by rising place on that axis. In the grid above, of rank 3:
//
//   order tp, dp, pp          tp {2,3}  dp {1,3}  pp {3,7}
//   order pp, tp, dp          tp {1,3}  dp {3,7}  pp {2,3}
//
// Not allowed: ProcessGrid, which is the answer.
#include "exercises/day01_collectives/day01_groups.h"

namespace shardpipe::answer {

GridCoord place_of(int rank, const GridShape& shape, const GridOrder& order) {
  // >>> region 1: the place of a rank on each axis (about 6 lines)
  GridCoord place;
  for (const Axis axis : order) {
    on_axis(place, axis) = rank % on_axis(shape, axis);
    rank /= on_axis(shape, axis);
  }
  return place;
  // <<< region 1
}

std::vector<int> members(int rank, Axis axis, const GridShape& shape, const GridOrder& order) {
  // >>> region 2: the ranks that differ from `rank` on `axis` only, in order (about 10 lines)
  int stride = 1;  // from one place on the axis to the next
  for (const Axis inner : order) {
    if (inner == axis) break;
    stride *= on_axis(shape, inner);
  }
  const int size = on_axis(shape, axis);
  const int first = rank - rank / stride % size * stride;
  std::vector<int> group;
  for (int place = 0; place < size; ++place) group.push_back(first + place * stride);
  return group;
  // <<< region 2
}

}  // namespace shardpipe::answer

extern "C" void shardpipe_answer(shardpipe::GroupsAnswer& answer) {
  answer = {.place_of = shardpipe::answer::place_of, .members = shardpipe::answer::members};
}
