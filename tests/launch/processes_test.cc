// Which of how many processes this is, from the environment that mpirun or srun makes.
#include "core/launch/processes.h"

#include <cstdlib>
#include <utility>
#include <vector>

#include "tests/support/catch.h"

namespace shardpipe {
namespace {

using Variables = std::vector<std::pair<const char*, const char*>>;

Processes with(const Variables& variables) {
  for (const char* name : {"OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "PMI_RANK", "PMI_SIZE",
                           "SLURM_PROCID", "SLURM_STEP_NUM_TASKS", "SLURM_NTASKS", "PMIX_RANK"})
    unsetenv(name);
  for (const auto& [name, value] : variables) setenv(name, value, /*overwrite=*/1);
  return started_processes();
}

}  // namespace

TEST_CASE("started alone") {
  const Processes p = with({});
  CHECK(p.rank == 0);
  CHECK(p.size == 1);
  CHECK_FALSE(p.several());
  CHECK(p.first());
}

TEST_CASE("started by Open MPI, MPICH and Slurm") {
  const Processes open = with({{"OMPI_COMM_WORLD_RANK", "2"}, {"OMPI_COMM_WORLD_SIZE", "4"}});
  CHECK(open.rank == 2);
  CHECK(open.size == 4);
  CHECK(open.launcher == "mpirun");
  CHECK(with({{"PMI_RANK", "1"}, {"PMI_SIZE", "2"}}).rank == 1);
  const Processes slurm = with({{"SLURM_PROCID", "5"}, {"SLURM_STEP_NUM_TASKS", "8"}});
  CHECK(slurm.rank == 5);
  CHECK(slurm.size == 8);
  CHECK(slurm.launcher == "srun");
}

TEST_CASE("processes of srun find each other by PMIx or PMI, or not at all") {
  const Variables srun = {{"SLURM_PROCID", "5"}, {"SLURM_STEP_NUM_TASKS", "8"}};
  CHECK_FALSE(with(srun).can_meet);
  CHECK(with({srun[0], srun[1], {"PMIX_RANK", "5"}}).can_meet);
  CHECK(with({srun[0], srun[1], {"PMI_RANK", "5"}, {"PMI_SIZE", "8"}}).can_meet);
  CHECK(with({}).can_meet);
}

TEST_CASE("the command that starts as many as are needed is the launcher's") {
  CHECK(with({}).command(4) == "mpirun -n 4");
  CHECK(with({{"OMPI_COMM_WORLD_RANK", "0"}, {"OMPI_COMM_WORLD_SIZE", "2"}}).command(3) ==
        "mpirun -n 3");
  CHECK(with({{"SLURM_PROCID", "0"}, {"SLURM_STEP_NUM_TASKS", "2"}}).command(8) ==
        "srun --mpi=pmix -n 8");
}

TEST_CASE("a batch script of Slurm is one process, whatever its job may start") {
  CHECK_FALSE(with({{"SLURM_PROCID", "0"}, {"SLURM_NTASKS", "8"}}).several());
}

TEST_CASE("mpirun inside of a Slurm job counts its own processes") {
  const Processes p = with({{"SLURM_PROCID", "0"},
                            {"SLURM_STEP_NUM_TASKS", "1"},
                            {"OMPI_COMM_WORLD_RANK", "3"},
                            {"OMPI_COMM_WORLD_SIZE", "4"}});
  CHECK(p.rank == 3);
  CHECK(p.size == 4);
}

TEST_CASE("what is not a number does not count") {
  CHECK_FALSE(with({{"PMI_RANK", "one"}, {"PMI_SIZE", "2"}}).several());
  CHECK_FALSE(with({{"PMI_RANK", "2"}, {"PMI_SIZE", "2"}}).several());
}

}  // namespace shardpipe
