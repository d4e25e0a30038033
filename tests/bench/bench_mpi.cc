// What the agreement before each collective costs: all_reduce on the mpi backend with and without
// it.
//   mpirun -n 2 ./build/bench_mpi
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <vector>

#include "core/backends/mpi/run.h"

namespace shardpipe {
namespace {

constexpr int kBatches = 15;

// Median over batches of the seconds that one call takes on this rank.
double seconds_of_call(RankContext& ctx, std::int64_t bytes) {
  using Clock = std::chrono::steady_clock;
  const int calls = bytes <= 1 << 16 ? 400 : bytes <= 1 << 20 ? 50 : 3;
  Tensor x(ctx.device, {bytes / 4});
  ctx.math.fill(x, 0, ctx.compute);
  std::vector<double> times;
  for (int batch = -1; batch < kBatches; ++batch) {
    ctx.world.barrier(ctx.compute);
    ctx.compute.synchronize();
    const auto begin = Clock::now();
    for (int i = 0; i < calls; ++i) ctx.world.all_reduce(x, ctx.compute);
    ctx.compute.synchronize();
    if (batch >= 0)
      times.push_back(std::chrono::duration<double>(Clock::now() - begin).count() / calls);
  }
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

double measure(mpi::Library& library, std::int64_t bytes, bool agree) {
  double seconds = 0;
  const RunOptions options{
      .grid = {.tp = library.size()}, .time_limit_s = 60, .record_trace = false};
  mpi::run_rank_of_all(library, options,
                       [&](RankContext& ctx) { seconds = seconds_of_call(ctx, bytes); },
                       {.agree = agree});
  return seconds;
}

}  // namespace
}  // namespace shardpipe

int main() {
  using namespace shardpipe;
  mpi::Library& library = mpi::Library::open();
  if (library.rank() == 0)
    std::printf("%d ranks, %s\n%10s %12s %12s\n", library.size(), mpi::version().c_str(), "bytes",
                "agreed", "unchecked");
  for (const std::int64_t bytes : {1LL << 10, 1LL << 16, 1LL << 20, 1LL << 24}) {
    const double with = measure(library, bytes, true), without = measure(library, bytes, false);
    if (library.rank() == 0)
      std::printf("%10lld %9.1f us %9.1f us\n", static_cast<long long>(bytes), with * 1e6,
                  without * 1e6);
  }
}
