// The in-process all_reduce of the cpu backend beside MPI_Allreduce (bench_all_reduce_mpi, started
// here under mpirun where it was built). Float sums; the time of a call is the slowest rank's,
// calls follow each other without a pause, medians of several batches.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "core/launch/launch.h"

namespace shardpipe {
namespace {

constexpr std::int64_t kBytes[] = {1 << 10, 1 << 16, 1 << 20, 1 << 24, 1 << 26};
constexpr int kBatches = 9;

int calls_of(std::int64_t bytes) { return bytes <= 1 << 16 ? 400 : bytes <= 1 << 20 ? 50 : 3; }

double in_process_s(int ranks, std::int64_t bytes) {
  std::vector<double> batches;
  std::mutex mutex;
  run_on_cpu({.grid = {.tp = ranks}, .record_trace = false}, [&](RankContext& ctx) {
    Tensor x(ctx.device, {bytes / 4});
    ctx.math.fill(x, 0, ctx.compute);
    for (int batch = -1; batch < kBatches; ++batch) {
      ctx.tp.barrier(ctx.compute);
      ctx.compute.synchronize();
      const auto begin = std::chrono::steady_clock::now();
      for (int i = 0; i < calls_of(bytes); ++i) ctx.tp.all_reduce(x, ctx.compute);
      ctx.compute.synchronize();
      const std::chrono::duration<double> time = std::chrono::steady_clock::now() - begin;
      std::lock_guard lock(mutex);
      if (batch < 0) continue;
      batches.resize(kBatches, 0);
      double& slowest = batches[static_cast<std::size_t>(batch)];
      slowest = std::max(slowest, time.count() / calls_of(bytes));
    }
  });
  std::sort(batches.begin(), batches.end());
  return batches[batches.size() / 2];
}

// Bytes -> seconds, as the MPI program prints them.
std::map<std::int64_t, double> mpi_s(const std::string& program, int ranks) {
  const std::string command =
      "OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_mpi_yield_when_idle=1 "
      "OMPI_MCA_hwloc_base_binding_policy=none mpirun --oversubscribe -n " +
      std::to_string(ranks) + " '" + program + "' 2>/dev/null";
  std::map<std::int64_t, double> times;
  FILE* out = popen(command.c_str(), "r");
  if (out == nullptr) return times;
  long long bytes = 0;
  double seconds = 0;
  while (std::fscanf(out, "%lld %lf", &bytes, &seconds) == 2) times[bytes] = seconds;
  pclose(out);
  return times;
}

}  // namespace
}  // namespace shardpipe

int main(int, char** argv) {
  using namespace shardpipe;
  const std::string program = std::string(argv[0]) + "_mpi";
  for (const int ranks : {2, 4}) {
    const auto mpi = mpi_s(program, ranks);
    std::printf(
        "%d ranks%s\n     bytes      in-process   MPI_Allreduce    MPI over in-process\n", ranks,
        mpi.empty() ? " (MPI: not run, bench_all_reduce_mpi was not built or mpirun is missing)"
                    : "");
    for (const std::int64_t bytes : kBytes) {
      const double ours = in_process_s(ranks, bytes);
      std::printf("%10lld   %10.1f us", static_cast<long long>(bytes), ours * 1e6);
      if (const auto it = mpi.find(bytes); it != mpi.end())
        std::printf("   %10.1f us   %12.2fx", it->second * 1e6, it->second / ours);
      std::printf("\n");
    }
  }
}
