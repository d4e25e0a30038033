// Was this process started as one of several, by mpirun or srun? Read from what they put into the
// environment, so that it costs nothing where they did not. Such variables stay in a shell that was
// started so, and people set them by hand: they count only if the launcher is there, too.
#pragma once

#include <string>
#include <vector>

namespace shardpipe {

struct Processes {
  int rank = 0;
  int size = 1;
  std::string launcher = {};       // "mpirun", "srun"; empty: none
  std::string rank_variable = {};  // where it wrote the rank; empty: none
  // Variables name more processes than there can be: which, and what to do. This process is taken
  // for the only one then; who would run ranks refuses with this sentence.
  std::string doubt = {};

  bool several() const { return size > 1; }
  bool first() const { return rank == 0; }
  // What starts `processes` of them: "mpirun -n 4", "srun --mpi=pmix -n 4".
  std::string command(int processes) const;
};

Processes started_processes();

// The variables that say it, as they are: "PMI_RANK=1 PMI_SIZE=2"; empty: none.
std::string launch_variables();

// The words that start as many on this machine, before those of the program, whatever its cores and
// its user: more than cores give way to each other and are bound to none (docs/mpi.md).
std::vector<std::string> words_of_mpirun(int processes);

}  // namespace shardpipe
