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
void compute(double rounds, const std::function<void()>& between) {
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

class Calls : public RawAllReduce {
 public:
  explicit Calls(ProgressWay way) : way_(way) {}
  Calls(const Calls&) = delete;
  Calls& operator=(const Calls&) = delete;
  ~Calls() override {
    if (worker_.joinable()) worker_.join();
  }

  void begin(float* data, std::int64_t elements) override {
    if (elements > kMostCount)
      usage_error(text(elements, " elements: one call of MPI counts up to ", kMostCount));
    // Between runs only, and this run's end comes after its bodies.
    const MPI_Comm comm = Library::open().between_runs();
    const int count = static_cast<int>(elements);
    if (way_ == ProgressWay::blocking)
      return check(MPI_Allreduce(MPI_IN_PLACE, data, count, MPI_FLOAT, MPI_SUM, comm));
    check(MPI_Iallreduce(MPI_IN_PLACE, data, count, MPI_FLOAT, MPI_SUM, comm, &request_));
    if (way_ == ProgressWay::thread)
      worker_ = std::thread([this] {
        while (!test(request_)) std::this_thread::yield();
      });
  }

  void compute(double rounds) override {
    const bool tests = way_ == ProgressWay::tests && request_ != MPI_REQUEST_NULL;
    mpi::compute(rounds, tests ? [this] { test(request_); } : std::function<void()>());
  }

  void finish() override {
    if (worker_.joinable()) worker_.join();
    if (request_ != MPI_REQUEST_NULL) check(MPI_Wait(&request_, MPI_STATUS_IGNORE));
  }

 private:
  ProgressWay way_;
  MPI_Request request_ = MPI_REQUEST_NULL;  // the worker's alone while there is one
  std::thread worker_;
};

}  // namespace

extern "C" void shardpipe_mpi_progress(ProgressWay way, std::unique_ptr<RawAllReduce>& made) {
  made = std::make_unique<Calls>(way);
}

static_assert(std::is_same_v<decltype(shardpipe_mpi_progress), MpiProgress>);

}  // namespace shardpipe::mpi
