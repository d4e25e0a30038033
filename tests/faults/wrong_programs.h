// One list of programs that break a rule, and how each ends on every backend: by itself, with an
// exit code and one sentence that names ranks, operation and position. faults_test.cc runs it on
// cpu and modelled, faults_mpi.sh with processes; docs/wrong_programs.md shows it as a table.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/launch/launch.h"

namespace shardpipe {

enum class Machine { cpu, mpi, modelled };
inline constexpr Machine kMachines[] = {Machine::cpu, Machine::mpi, Machine::modelled};

const char* name_of(Machine machine);

struct Ending {
  int code = 0;
  std::vector<std::string> words = {};  // parts of the sentence without its lines, in any order
};

struct WrongProgram {
  std::string name = {};  // "collective"
  std::string what = {};  // "rank 1 calls another collective"
  RankProgram program = {};
  // Not there: it cannot happen on that machine, or is no fault there.
  std::optional<Ending> cpu = {}, mpi = {}, modelled = {};

  const std::optional<Ending>& on(Machine machine) const;
};

inline constexpr int kWrongRanks = 3;

const std::vector<WrongProgram>& wrong_programs();
// nullptr: no such program.
const WrongProgram* find_wrong_program(const std::string& name);

// Runs it on 3 ranks and ends the process as `lab` does: the sentence on stderr, the exit code.
// trace_file: what was recorded until then; "": none is written.
[[noreturn]] void end_by(const WrongProgram& wrong, Machine machine,
                         const std::string& trace_file = "");

}  // namespace shardpipe
