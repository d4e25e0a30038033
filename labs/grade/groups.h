// Grids with several tensor-parallel groups, so that a rank of the world and one of its group are
// two numbers. The grid's default order: group g is ranks g t .. g t + t - 1.
#pragma once

#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "core/comm/process_grid.h"
#include "labs/grade/data.h"
#include "labs/grade/device_cases.h"

namespace shardpipe {

inline std::string words_of(const GridShape& grid) {
  return text("tp=", grid.tp, grid.dp > 1 ? text(", dp=", grid.dp) : "");
}

// Under Data::who: what a rank of a group brings, and the bias, whose digit comes after all ranks'.
inline double digit(const GridShape& grid, int group, Index tp_rank) {
  return std::pow(8.0, group * grid.tp + static_cast<int>(tp_rank));
}
inline double bias_digit(const GridShape& grid) { return std::pow(8.0, grid.ranks()); }

// The terms of a sum that rank `rank` is to hold: the ranks of its group, and the bias if it has
// one.
inline std::vector<Term> digits(const GridShape& grid, int rank, bool bias = true) {
  std::vector<Term> terms;
  for (int r = 0; r < grid.ranks(); ++r)
    terms.push_back({text("rank ", r), r / grid.tp == rank / grid.tp});
  terms.push_back({"the bias", bias});
  return terms;
}

// The cases of an exercise on each kind of data, on grids of which one has two groups, which a sum
// over the world would mix.
inline std::vector<DeviceCase> cases_on(
    const std::vector<GridShape>& grids,
    const std::function<DeviceCase(Data data, const GridShape& grid)>& make_case) {
  std::vector<DeviceCase> cases;
  for (const GridShape& grid : grids)
    for (const Data data : {Data::who, Data::where, Data::integers, Data::reals})
      cases.push_back(make_case(data, grid));
  return cases;
}
inline std::vector<GridShape> usual_grids() { return {{.tp = 3, .dp = 2}, {.tp = 5}}; }

}  // namespace shardpipe
