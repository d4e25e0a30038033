// MPI's own collectives, timed as lab bench collectives times ours. Started by it under mpirun:
//   mpi_collective_times KIND ELEMENTS:CALLS...
// f32; ELEMENTS of the full tensor; a time is the slowest rank's mean over CALLS that follow each
// other, median of 5 batches. Process 0 prints a line "ELEMENTS SECONDS" each.
#include <mpi.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

namespace {

constexpr int kBatches = 5;

struct Case {
  long long elements = 0;
  int calls = 0;
};

void call(const std::string& kind, std::vector<float>& full, std::vector<float>& part) {
  const int whole = static_cast<int>(full.size()), share = static_cast<int>(part.size());
  if (kind == "all_reduce")
    MPI_Allreduce(MPI_IN_PLACE, full.data(), whole, MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD);
  else if (kind == "all_gather")
    MPI_Allgather(part.data(), share, MPI_FLOAT, full.data(), share, MPI_FLOAT, MPI_COMM_WORLD);
  else
    MPI_Reduce_scatter_block(full.data(), part.data(), share, MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD);
}

double seconds_of(const std::string& kind, const Case& c, int ranks) {
  std::vector<float> full(static_cast<std::size_t>(c.elements));
  std::vector<float> part(full.size() / static_cast<std::size_t>(ranks));
  std::vector<double> batches;
  call(kind, full, part);  // memory is touched for the first time
  for (int batch = 0; batch < kBatches; ++batch) {
    MPI_Barrier(MPI_COMM_WORLD);
    const double begin = MPI_Wtime();
    for (int i = 0; i < c.calls; ++i) call(kind, full, part);
    double mean = (MPI_Wtime() - begin) / c.calls, slowest = 0;
    MPI_Allreduce(&mean, &slowest, 1, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
    batches.push_back(slowest);
  }
  std::sort(batches.begin(), batches.end());
  return batches[kBatches / 2];
}

}  // namespace

int main(int argc, char** argv) {
  MPI_Init(&argc, &argv);
  int rank = 0, ranks = 1;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  for (int i = 2; i < argc; ++i) {
    Case c;
    if (std::sscanf(argv[i], "%lld:%d", &c.elements, &c.calls) != 2) break;
    const double seconds = seconds_of(argv[1], c, ranks);
    if (rank == 0) std::printf("%lld %.9f\n", c.elements, seconds);
  }
  MPI_Finalize();
}
