#include "core/backends/mpi/pieces.h"

#include <algorithm>

namespace shardpipe::mpi {

std::vector<Piece> pieces_of(std::int64_t elements, std::int64_t most) {
  std::vector<Piece> pieces;
  for (std::int64_t first = 0; first < elements; first += most)
    pieces.push_back({first, static_cast<int>(std::min(most, elements - first))});
  return pieces;
}

}  // namespace shardpipe::mpi
