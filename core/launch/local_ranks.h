// LocalRanks: the processes of a job that are on this host, as the kernel sees them (/proc). For
// moments at which they cannot talk to each other: while MPI starts and ends, and when a launcher
// that should end them has gone itself.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace shardpipe {

class LocalRanks {
 public:
  enum class State { running, stopped, gone };

  // rank_variable: set by the launcher for each process it starts ("PMI_RANK"); what this process
  // stems from and does not have it is the launcher. Empty, or no /proc: nobody is found.
  explicit LocalRanks(std::string rank_variable);

  // Looks again for processes that have come since. Who was found once is remembered.
  void find();

  // Of all processes of that rank, such as a shell and what it started: running if nobody knows.
  State state_of(int rank) const;
  bool is_known(int rank) const;
  int first_running() const;                // the lowest rank; -1: none is known
  std::string words_about(int rank) const;  // "is stopped (process 4711)", "runs", "has ended"

  State launcher() const;  // of what started this process, and of what started that
  std::string words_about_launcher() const;  // "mpirun (process 4710) is stopped"

  // SIGCONT to a stopped launcher: it cannot end a job, nor hand on what its processes say. True if
  // it was.
  bool wake_launcher() const;
  // SIGKILL to all other ranks, and to a launcher that has not ended them. One that is stopped
  // would stay for ever.
  void kill_all_others() const;

 private:
  // Process numbers are used again; with the time at which it began this names one for good.
  struct Process {
    int rank = -1;
    int number = 0;
    std::uint64_t began = 0;
    std::string program = {};
  };

  static State state_of(const Process& process);
  const Process& worst_launcher() const;

  const std::string rank_variable_;
  std::vector<Process> launchers_;  // MPICH's mpirun has a proxy between itself and its processes
  std::vector<Process> ranks_;
};

}  // namespace shardpipe
