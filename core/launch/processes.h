// Was this process started as one of several, by mpirun or srun? Read from what they put into the
// environment, so that it costs nothing where they did not.
#pragma once

#include <string>

namespace shardpipe {

struct Processes {
  int rank = 0;
  int size = 1;
  std::string launcher = {};  // "mpirun", "srun"; empty: none

  bool several() const { return size > 1; }
  bool first() const { return rank == 0; }
};

Processes started_processes();

}  // namespace shardpipe
