// Was this process started as one of several, by mpirun or srun? Read from what they put into the
// environment, so that it costs nothing where they did not.
#pragma once

#include <string>
#include <vector>

namespace shardpipe {

struct Processes {
  int rank = 0;
  int size = 1;
  std::string launcher = {};  // "mpirun", "srun"; empty: none
  bool can_meet = true;       // false: srun without PMIx or PMI, so MPI would see single processes

  bool several() const { return size > 1; }
  bool first() const { return rank == 0; }
  // What starts `processes` of them: "mpirun -n 4", "srun --mpi=pmix -n 4".
  std::string command(int processes) const;
};

Processes started_processes();

// The words that start as many on this machine, before those of the program, whatever its cores and
// its user: more than cores give way to each other and are bound to none (docs/mpi.md).
std::vector<std::string> words_of_mpirun(int processes);

}  // namespace shardpipe
