// MPI moves data only inside its calls. Four ways to put an all-reduce under compute that takes
// three times as long, and what each leaves of the communication to wait for:
//   blocking   MPI_Allreduce, then compute: nothing is hidden
//   idle       MPI_Iallreduce, compute, MPI_Wait: hidden on paper
//   tests      the same with 50 MPI_Test calls inside the compute
//   thread     a second thread tests until it is done: what a stream's worker does
//   mpirun -n 2 --bind-to none ./build/bench_mpi_progress
// Prints medians over repetitions of the slowest rank's total, over compute alone.
#include <mpi.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <functional>
#include <thread>
#include <vector>

namespace {

constexpr int kRepetitions = 11, kPieces = 50;

// Work of a fixed amount, so that a core that is taken away shows in the time.
void compute(double rounds, const std::function<void()>& between = {}) {
  volatile float x = 1;
  for (int piece = 0; piece < kPieces; ++piece) {
    for (double i = 0; i < rounds / kPieces; ++i) x = x * 0.999f + 0.001f;
    if (between) between();
  }
}

// Sorted: of each repetition, the slowest rank.
std::vector<double> times_of(const std::function<void()>& run) {
  std::vector<double> times;
  for (int i = -1; i < kRepetitions; ++i) {
    MPI_Barrier(MPI_COMM_WORLD);
    const double begin = MPI_Wtime();
    run();
    double time = MPI_Wtime() - begin;
    MPI_Allreduce(MPI_IN_PLACE, &time, 1, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
    if (i >= 0) times.push_back(time);
  }
  std::sort(times.begin(), times.end());
  return times;
}

double median_of_slowest(const std::function<void()>& run) {
  return times_of(run)[kRepetitions / 2];
}

void wait_polling(MPI_Request& request) {
  for (int done = 0; done == 0; std::this_thread::yield())
    MPI_Test(&request, &done, MPI_STATUS_IGNORE);
}

void compare(long long bytes, int rank) {
  std::vector<float> x(static_cast<std::size_t>(bytes) / 4);
  const int count = static_cast<int>(x.size());
  auto blocking = [&] {
    MPI_Allreduce(MPI_IN_PLACE, x.data(), count, MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD);
  };
  MPI_Request request = MPI_REQUEST_NULL;
  auto begin = [&] {
    MPI_Iallreduce(MPI_IN_PLACE, x.data(), count, MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD, &request);
  };
  const double T = median_of_slowest(blocking);
  constexpr double kProbe = 1e6;
  const double rounds = 3 * T / times_of([] { compute(kProbe); }).front() * kProbe;
  const double alone = median_of_slowest([&] { compute(rounds); });
  const double after = median_of_slowest([&] { blocking(), compute(rounds); });
  const double idle = median_of_slowest([&] {
    begin(), compute(rounds);
    MPI_Wait(&request, MPI_STATUS_IGNORE);
  });
  const double tests = median_of_slowest([&] {
    begin();
    compute(rounds, [&] {
      int done = 0;
      MPI_Test(&request, &done, MPI_STATUS_IGNORE);
    });
    MPI_Wait(&request, MPI_STATUS_IGNORE);
  });
  const double thread = median_of_slowest([&] {
    begin();
    std::thread worker([&] { wait_polling(request); });
    compute(rounds);
    worker.join();
  });
  if (rank != 0) return;
  auto over = [&](double total) { return (total - alone) * 1e3; };
  std::printf("%10lld %9.2f %9.2f | %9.2f %9.2f %9.2f %9.2f\n", bytes, T * 1e3, alone * 1e3,
              over(after), over(idle), over(tests), over(thread));
}

}  // namespace

int main(int argc, char** argv) {
  int level = 0, rank = 0, size = 0;
  MPI_Init_thread(&argc, &argv, MPI_THREAD_MULTIPLE, &level);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  if (rank == 0)
    std::printf(
        "%d ranks, ms             alone | total minus compute alone\n"
        "%10s %9s %9s | %9s %9s %9s %9s\n",
        size, "bytes", "T", "compute", "blocking", "idle", "tests", "thread");
  for (const long long bytes : {1LL << 16, 1LL << 20, 1LL << 24}) compare(bytes, rank);
  MPI_Finalize();
}
