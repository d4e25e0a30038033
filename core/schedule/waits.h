// What the two checks that find ranks waiting for each other share.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

namespace shardpipe {

// Follows waits_for(rank) from a rank until one comes again: the ranks of that circle, in this
// order, from the least. A negative answer ends the walk: the ranks passed, the last of which it
// was.
template <class WaitsFor>
std::vector<int> circle_from(int rank, WaitsFor waits_for) {
  std::vector<int> passed;
  while (rank >= 0) {
    const auto again = std::find(passed.begin(), passed.end(), rank);
    if (again != passed.end()) {
      passed.erase(passed.begin(), again);
      std::rotate(passed.begin(), std::min_element(passed.begin(), passed.end()), passed.end());
      break;
    }
    passed.push_back(rank);
    rank = waits_for(rank);
  }
  return passed;
}

// "rank 3   .. 3F0 3B0 [3F1] 3B1 ..": a few words around the one it waits at.
std::string line_around(int rank, const std::vector<std::string>& words, std::size_t at);

}  // namespace shardpipe
