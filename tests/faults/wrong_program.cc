// Ends as one of the wrong programs does.
//   wrong_program MACHINE NAME [TRACE]   runs it (mpi: under mpirun -n 3); on cpu and modelled
//                                        it writes its last picture: ./lab view TRACE
//   wrong_program list MACHINE     one line each: NAME, exit code, parts of the sentence; tabs
#include <cstdio>

#include "tests/faults/wrong_programs.h"

int main(int argc, char** argv) {
  using namespace shardpipe;
  const bool is_asked = argc == 3 || argc == 4;
  const std::string first = is_asked ? argv[1] : "", second = is_asked ? argv[2] : "";
  for (const Machine machine : kMachines) {
    if (first == name_of(machine))
      if (const WrongProgram* wrong = find_wrong_program(second))
        end_by(*wrong, machine, argc == 4 ? argv[3] : "");
    if (first != "list" || second != name_of(machine)) continue;
    for (const WrongProgram& wrong : wrong_programs()) {
      if (!wrong.on(machine)) continue;
      std::printf("%s\t%d", wrong.name.c_str(), wrong.on(machine)->code);
      for (const std::string& words : wrong.on(machine)->words) std::printf("\t%s", words.c_str());
      std::printf("\n");
    }
    return 0;
  }
  std::fprintf(stderr, "usage: wrong_program cpu|mpi|modelled NAME [TRACE], or list MACHINE\n");
  return 2;
}
