#include "core/launch/processes.h"

#include <cstdlib>

namespace shardpipe {
namespace {

// A number in the environment; -1: none.
int number(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr) return -1;
  char* end = nullptr;
  const long n = std::strtol(value, &end, 10);
  return end == value || *end != '\0' || n < 0 || n > 1 << 24 ? -1 : static_cast<int>(n);
}

struct Source {
  const char *rank, *size, *launcher;
};

// Open MPI's mpirun (also inside a Slurm job), MPICH's mpirun, srun. Slurm sets SLURM_NTASKS for a
// batch script too, which runs once; SLURM_STEP_NUM_TASKS counts what really was started.
constexpr Source kSources[] = {{"OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "mpirun"},
                               {"PMI_RANK", "PMI_SIZE", "mpirun"},
                               {"SLURM_PROCID", "SLURM_STEP_NUM_TASKS", "srun"}};

}  // namespace

Processes started_processes() {
  for (const Source& source : kSources) {
    const int rank = number(source.rank), size = number(source.size);
    if (rank >= 0 && size > rank) return {rank, size, source.launcher};
  }
  return {};
}

}  // namespace shardpipe
