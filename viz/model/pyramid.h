// Pyramid: a row at every zoom. Level k has bins of width_ns = 2^shift, laid from time 0, so that a
// picture moves but does not flicker when it is panned. A bin knows how long each ink is busy in
// it, counting only stretches shorter than the width; all others are listed one by one. So on each
// level every stretch is counted exactly once:
//   sum over bins + sum over long stretches = busy time of the row          (tests/viz)
// Bins without ink are not stored, so a burst in a long silence is as cheap as an even row.
#pragma once

#include <cstdint>
#include <vector>

#include "viz/model/row.h"

namespace shardpipe::viz {

class Pyramid {
 public:
  struct Level {
    int shift = 0;
    std::vector<std::int64_t> bins = {};             // those with ink, ascending: begin >> shift
    std::vector<std::int64_t> busy_ns = {};          // [bins, inks of the row]
    std::vector<std::uint32_t> long_stretches = {};  // ascending; at least width_ns() long

    std::int64_t width_ns() const { return std::int64_t{1} << shift; }
  };

  Pyramid() = default;
  // O(n) a level. The finest level has bins about as wide as the shortest 1/16 of the stretches, as
  // long as there are no more than n/2 of them; the coarsest holds the row in at most 64 bins.
  explicit Pyramid(const Row& row);

  // The finest level whose bins are at least this wide; nullptr if even the finest is more than
  // twice as wide (few stretches are then narrower than asked: draw them one by one).
  const Level* level_for(double least_ns) const;

  const std::vector<Level>& levels() const { return levels_; }
  std::size_t bytes() const;

 private:
  std::vector<Level> levels_;
};

}  // namespace shardpipe::viz
