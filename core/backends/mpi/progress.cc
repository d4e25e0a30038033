// MPI moves data only inside its calls: four ways to call it, or not, while a rank computes.
#include <functional>
#include <thread>

#include "core/backends/mpi/library.h"
#include "core/backends/mpi/pieces.h"
#include "core/launch/mpi_plugin.h"

namespace shardpipe::mpi {
namespace {

constexpr int kPieces = 50;  // of the compute

// A chain of dependent operations: its time does not depend on what the memory is busy with.
void compute(double rounds, const std::function<void()>& between = {}) {
  volatile float x = 1;
  for (int piece = 0; piece < kPieces; ++piece) {
    for (double i = 0; i < rounds / kPieces; ++i) x = x * 0.999f + 0.001f;
    if (between) between();
  }
}

bool test(MPI_Request& request) {
  int done = 0;
  check(MPI_Test(&request, &done, MPI_STATUS_IGNORE));
  return done != 0;
}

}  // namespace

extern "C" void shardpipe_mpi_progress(ProgressWay way, float* data, std::int64_t elements,
                                       double rounds) {
  if (elements == 0) return compute(rounds);
  if (elements > kMostCount)
    usage_error(text(elements, " elements: one call of MPI counts up to ", kMostCount));
  // Between runs only, and this run's end comes after its bodies.
  const MPI_Comm comm = Library::open().between_runs();
  const int count = static_cast<int>(elements);
  if (way == ProgressWay::blocking) {
    check(MPI_Allreduce(MPI_IN_PLACE, data, count, MPI_FLOAT, MPI_SUM, comm));
    return compute(rounds);
  }
  MPI_Request request = MPI_REQUEST_NULL;
  check(MPI_Iallreduce(MPI_IN_PLACE, data, count, MPI_FLOAT, MPI_SUM, comm, &request));
  if (way == ProgressWay::thread) {
    std::thread worker([&] {
      while (!test(request)) std::this_thread::yield();
    });
    compute(rounds);
    return worker.join();
  }
  if (way == ProgressWay::tests)
    compute(rounds, [&] { test(request); });
  else
    compute(rounds);
  check(MPI_Wait(&request, MPI_STATUS_IGNORE));
}

static_assert(std::is_same_v<decltype(shardpipe_mpi_progress), MpiProgress>);

}  // namespace shardpipe::mpi
