// What is longer than MPI can count: where it is cut. The collectives over it: collectives_test.cc.
#include "core/backends/mpi/pieces.h"

#include "tests/support/catch.h"

namespace shardpipe::mpi {

TEST_CASE("pieces: as few as can be, in order, without a gap") {
  CHECK(pieces_of(0, 4).empty());
  CHECK(pieces_of(1, 4) == std::vector<Piece>{{0, 1}});
  CHECK(pieces_of(4, 4) == std::vector<Piece>{{0, 4}});
  CHECK(pieces_of(9, 4) == std::vector<Piece>{{0, 4}, {4, 4}, {8, 1}});
  CHECK(pieces_of(3, 1) == std::vector<Piece>{{0, 1}, {1, 1}, {2, 1}});
}

TEST_CASE("pieces: MPI's own limit") {
  constexpr std::int64_t most = 2147483647;
  CHECK(pieces_of(most) == std::vector<Piece>{{0, 2147483647}});
  CHECK(pieces_of(most + 1) == std::vector<Piece>{{0, 2147483647}, {most, 1}});
  CHECK(pieces_of(3 * most).size() == 3);
}

}  // namespace shardpipe::mpi
