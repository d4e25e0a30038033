#include "core/launch/processes.h"

#include <cstdlib>
#include <string_view>

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

constexpr std::string_view kSrun = "srun";

struct Source {
  const char *rank, *size;
  std::string_view launcher;
};

// Open MPI's mpirun (also inside a Slurm job), MPICH's mpirun, srun. Slurm sets SLURM_NTASKS for a
// batch script too, which runs once; SLURM_STEP_NUM_TASKS counts what really was started.
constexpr Source kSources[] = {{"OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "mpirun"},
                               {"PMI_RANK", "PMI_SIZE", "mpirun"},
                               {"SLURM_PROCID", "SLURM_STEP_NUM_TASKS", kSrun}};

}  // namespace

std::string Processes::command(int processes) const {
  return (launcher == kSrun ? "srun --mpi=pmix -n " : "mpirun -n ") + std::to_string(processes);
}

Processes started_processes() {
  for (const Source& source : kSources) {
    const int rank = number(source.rank), size = number(source.size);
    if (rank >= 0 && size > rank)
      return {.rank = rank,
              .size = size,
              .launcher = std::string(source.launcher),
              .can_meet = source.launcher != kSrun || number("PMIX_RANK") >= 0};
  }
  return {};
}

std::vector<std::string> words_of_mpirun(int processes) {
  return {"env",
          "OMPI_ALLOW_RUN_AS_ROOT=1",
          "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1",
          "OMPI_MCA_mpi_yield_when_idle=1",
          "OMPI_MCA_rmaps_base_oversubscribe=1",
          "OMPI_MCA_hwloc_base_binding_policy=none",
          "mpirun",
          "-n",
          std::to_string(processes)};
}

}  // namespace shardpipe
