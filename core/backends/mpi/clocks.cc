#include "core/backends/mpi/clocks.h"

#include <array>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <string>

namespace shardpipe::mpi {
namespace {

using Steady = std::chrono::steady_clock;

constexpr int kQuestions = 40;

std::int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(Steady::now().time_since_epoch())
      .count();
}

void answer(const Library& library) {
  for (int r = 1; r < library.size(); ++r)
    for (int i = 0; i < kQuestions; ++i) {
      check(MPI_Recv(nullptr, 0, MPI_BYTE, r, 0, library.between_runs(), MPI_STATUS_IGNORE));
      const std::int64_t now = now_ns();
      check(MPI_Send(&now, 1, MPI_INT64_T, r, 0, library.between_runs()));
    }
}

ClockDifference ask(const Library& library) {
  std::int64_t shortest = std::numeric_limits<std::int64_t>::max();
  ClockDifference best;
  for (int i = 0; i < kQuestions; ++i) {
    std::int64_t theirs = 0;
    const std::int64_t asked = now_ns();
    check(MPI_Send(nullptr, 0, MPI_BYTE, 0, 0, library.between_runs()));
    check(MPI_Recv(&theirs, 1, MPI_INT64_T, 0, 0, library.between_runs(), MPI_STATUS_IGNORE));
    const std::int64_t trip = now_ns() - asked;
    if (trip >= shortest) continue;
    shortest = trip;
    best = {theirs - (asked + trip / 2), trip / 2};
  }
  return best;
}

// Does process 0 run under the same kernel, started at the same time?
bool is_with_first(const Library& library) {
  constexpr const char* kBoot = "/proc/sys/kernel/random/boot_id";  // Linux; elsewhere: no
  std::string mine;
  std::getline(std::ifstream(kBoot), mine);  // no InputFile: nobody names it
  std::array<char, 64> first = {};
  mine.copy(first.data(), first.size() - 1);
  check(
      MPI_Bcast(first.data(), static_cast<int>(first.size()), MPI_CHAR, 0, library.between_runs()));
  return !mine.empty() && mine == first.data();
}

}  // namespace

ClockDifference measure_difference(const Library& library) {
  if (library.rank() > 0) return ask(library);
  answer(library);
  return {};
}

namespace {

SharedClock share_clock_now(const Library& library, bool one_kernel) {
  ClockDifference mine = measure_difference(library);
  // A container with a time of its own would show in the measured difference.
  const bool is_same = is_with_first(library) && std::abs(mine.ahead_ns) <= mine.error_ns;
  if (one_kernel && is_same) mine = {};
  // Zero is a moment of process 0, told in the clock of each process.
  std::int64_t zero_ns = now_ns();
  check(MPI_Bcast(&zero_ns, 1, MPI_INT64_T, 0, library.between_runs()));
  const std::chrono::nanoseconds zero_here(zero_ns - mine.ahead_ns);
  SharedClock shared{.clock = cpu::RunClock(Steady::time_point(
                         std::chrono::duration_cast<Steady::duration>(zero_here)))};
  check(MPI_Allreduce(&mine.error_ns, &shared.error_ns, 1, MPI_INT64_T, MPI_MAX,
                      library.between_runs()));
  return shared;
}

}  // namespace

SharedClock share_clock(Library& library, bool one_kernel) {
  return library.block("for the others to tell the time",
                       [&] { return share_clock_now(library, one_kernel); });
}

}  // namespace shardpipe::mpi
