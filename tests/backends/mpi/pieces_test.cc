// Parts of the backend by themselves: where what is longer than MPI can count is cut (the
// collectives over it: collectives_test.cc), and how far two clocks are apart.
#include <algorithm>
#include <cstdlib>
#include <map>

#include "core/backends/mpi/clocks.h"
#include "core/backends/mpi/pieces.h"
#include "core/backends/mpi/run.h"
#include "core/trace/stats.h"
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
  Library& library = Library::open();
  for (int i = 0; i < 5; ++i) {
    const ClockDifference measured = measure_difference(library);
    INFO("rank " << library.rank());
    CHECK(std::abs(measured.ahead_ns) <= measured.error_ns);
    CHECK((measured.error_ns > 0) == (library.rank() > 0));
  }
  CHECK(share_clock(library).error_ns == 0);
}

TEST_CASE("a trace on measured clocks says their error, and is right but for it") {
  Library& library = Library::open();
  const RunOptions options{.grid = {.tp = library.size()}, .time_limit_s = 60};
  const auto program = [](RankContext& ctx) {
    Tensor x(ctx.device, {1000});
    ctx.math.fill(x, 1, ctx.compute);
    ctx.begin_window();
    for (int i = 0; i < 20; ++i) ctx.tp.all_reduce(x, ctx.compute);
    ctx.end_window();
  };
  const RunReport report = run_rank_of_all(library, options, program, {.one_kernel = false});
  const Trace& trace = report.trace;
  CHECK(trace.clock_error_ns > 0);
  CHECK(report.notes.size() == 1);
  CHECK(to_text(statistics(trace), trace).find(", clocks within ") != std::string::npos);
  std::map<std::int64_t, std::pair<std::int64_t, std::int64_t>> meetings;  // last post, first end
  for (const Span& span : trace.spans) {
    auto& [post, end] =
        meetings.emplace(span.sequence, std::pair(INT64_MIN, INT64_MAX)).first->second;
    post = std::max(post, span.posted_ns);
    end = std::min(end, span.end_ns);
  }
  CHECK(meetings.size() >= 20);
  for (const auto& [sequence, times] : meetings)
    CHECK(times.first <= times.second + 2 * trace.clock_error_ns);
}

}  // namespace shardpipe::mpi
