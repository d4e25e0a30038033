// MPI_Allreduce, timed as bench_all_reduce times ours. Prints "bytes seconds" lines.
#include <mpi.h>

#include <algorithm>
#include <cstdio>
#include <vector>

int main(int argc, char** argv) {
  MPI_Init(&argc, &argv);
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  constexpr int kBatches = 9;
  for (const long long bytes : {1LL << 10, 1LL << 16, 1LL << 20, 1LL << 24, 1LL << 26}) {
    const int calls = bytes <= 1 << 16 ? 400 : bytes <= 1 << 20 ? 50 : 3;
    std::vector<float> x(static_cast<std::size_t>(bytes / 4), 0.0f);
    std::vector<double> batches;
    for (int batch = -1; batch < kBatches; ++batch) {
      MPI_Barrier(MPI_COMM_WORLD);
      const double begin = MPI_Wtime();
      for (int i = 0; i < calls; ++i)
        MPI_Allreduce(MPI_IN_PLACE, x.data(), static_cast<int>(x.size()), MPI_FLOAT, MPI_SUM,
                      MPI_COMM_WORLD);
      double time = (MPI_Wtime() - begin) / calls, slowest = 0;
      MPI_Reduce(&time, &slowest, 1, MPI_DOUBLE, MPI_MAX, 0, MPI_COMM_WORLD);
      if (batch >= 0) batches.push_back(slowest);
    }
    std::sort(batches.begin(), batches.end());
    if (rank == 0) std::printf("%lld %.9f\n", bytes, batches[batches.size() / 2]);
  }
  MPI_Finalize();
}
