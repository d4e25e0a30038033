// One clock for all processes: that of process 0.
#pragma once

#include "core/backends/cpu/stream.h"
#include "core/backends/mpi/library.h"

namespace shardpipe::mpi {

struct SharedClock {
  cpu::RunClock clock;
  std::int64_t error_ns = 0;  // against process 0, of the process that is worst off
};

// Collective and blocking. Each process asks process 0 for the time, 40 times; the answer of the
// shortest round trip counts, and the true time lies within half of that trip (Cristian,
// "Probabilistic clock synchronization", 1989). Clocks of two hosts drift apart by microseconds a
// second after that; processes of one host read the same clock.
SharedClock share_clock(const Library& library);

}  // namespace shardpipe::mpi
