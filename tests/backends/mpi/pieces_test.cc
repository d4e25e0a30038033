// Parts of the backend by themselves: where what is longer than MPI can count is cut (the
// collectives over it: collectives_test.cc), and how far two clocks are apart.
#include <cstdlib>

#include "core/backends/mpi/clocks.h"
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

// Here all processes read one clock, so the difference is known: none.
TEST_CASE("the difference of two clocks lies within the error that is given with it") {
  const Library& library = Library::open();
  for (int i = 0; i < 5; ++i) {
    const ClockDifference measured = measure_difference(library);
    INFO("rank " << library.rank());
    CHECK(std::abs(measured.ahead_ns) <= measured.error_ns);
    CHECK((measured.error_ns > 0) == (library.rank() > 0));
  }
  CHECK(share_clock(library).error_ns == 0);
}

}  // namespace shardpipe::mpi
