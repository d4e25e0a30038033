// Median and range of repeated measurements.
#pragma once

#include <algorithm>
#include <vector>

namespace shardpipe {

struct Spread {
  double low, median, high;
};

inline Spread spread(std::vector<double> v) {
  std::sort(v.begin(), v.end());
  return {v.front(), v[v.size() / 2], v.back()};
}

}  // namespace shardpipe
