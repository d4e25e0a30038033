// MPI counts in int: what is longer goes in several calls.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

namespace shardpipe::mpi {

inline constexpr std::int64_t kMostCount = std::numeric_limits<int>::max();

struct Piece {
  std::int64_t first = 0;  // element
  int count = 0;

  bool operator==(const Piece&) const = default;
};

// `elements` in as few pieces of at most `most` (1..kMostCount) as there can be, in order. None for
// no elements.
std::vector<Piece> pieces_of(std::int64_t elements, std::int64_t most = kMostCount);

}  // namespace shardpipe::mpi
