// One clock for all processes: that of process 0.
#pragma once

#include "core/backends/cpu/stream.h"
#include "core/backends/mpi/library.h"

namespace shardpipe::mpi {

struct SharedClock {
  cpu::RunClock clock;
  std::int64_t error_ns = 0;  // against process 0, of the process that is worst off
};

struct ClockDifference {
  std::int64_t ahead_ns = 0;  // process 0's clock minus this one's, to within error_ns
  std::int64_t error_ns = 0;
};

// Collective and blocking. Each process asks process 0 for the time, 40 times; the answer of the
// shortest round trip counts, and the true time lies within half of that trip (Cristian,
// "Probabilistic clock synchronization", 1989). Clocks of two hosts drift apart by microseconds a
// second after that.
ClockDifference measure_difference(const Library& library);

// Collective and blocking. Processes under one kernel read one clock, without an error; the others,
// or all if `one_kernel` is false, take the measured difference.
SharedClock share_clock(Library& library, bool one_kernel = true);

}  // namespace shardpipe::mpi
