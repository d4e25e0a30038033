#include "core/launch/processes.h"

#include <cstdlib>
#include <optional>

#include "core/base/error.h"
#include "core/launch/meeting_point.h"

namespace shardpipe {
namespace {

constexpr int kMostProcesses = 1 << 24;

struct Source {
  const char *rank, *size;
  const char *launcher, *command;
  bool speaks_pmi;  // its processes may also meet by PMI, which is older than PMIx
};

// Open MPI's mpirun (also inside a Slurm job), MPICH's mpirun, srun. Slurm sets SLURM_NTASKS for a
// batch script too, which runs once; SLURM_STEP_NUM_TASKS counts what really was started.
constexpr Source kSources[] = {
    {"OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "mpirun", "mpirun -n ", false},
    {"PMI_RANK", "PMI_SIZE", "mpirun", "mpirun -n ", true},
    {"SLURM_PROCID", "SLURM_STEP_NUM_TASKS", "srun", "srun --mpi=pmix -n ", true}};

enum class Claim { none, one, several, nonsense };

struct Claimed {
  Claim claim = Claim::none;
  int rank = 0, size = 1;
};

// -1: no such number.
int number(const char* value) {
  char* end = nullptr;
  const long n = value == nullptr ? -1 : std::strtol(value, &end, 10);
  return end == value || (end != nullptr && *end != '\0') || n < 0 || n > kMostProcesses
             ? -1
             : static_cast<int>(n);
}

Claimed claim_of(const Source& source) {
  const char *rank_set = std::getenv(source.rank), *size_set = std::getenv(source.size);
  if (rank_set == nullptr && size_set == nullptr) return {};
  const int rank = number(rank_set), size = number(size_set);
  if (size_set == nullptr && rank == 0) return {};  // a batch script of Slurm
  if (rank < 0 || size <= rank) return {Claim::nonsense};
  return {size == 1 ? Claim::one : Claim::several, rank, size};
}

bool is_there(const Source& source) {
  return pmix_server_is_there() || (source.speaks_pmi && pmi_server_is_there());
}

// "A=1 B=2", or with only_names "A B", of those that are set.
std::string set_of(const Source& source, bool only_names) {
  constexpr std::size_t kMostOfValue = 24;
  std::string all;
  for (const char* name : {source.rank, source.size}) {
    const char* value = std::getenv(name);
    if (value == nullptr) continue;
    const std::string words = value;
    all += (all.empty() ? "" : " ") + std::string(name);
    if (only_names) continue;
    all += "=" + words.substr(0, kMostOfValue) + (words.size() > kMostOfValue ? "..." : "");
  }
  return all;
}

// What is wrong with this one; empty: nothing.
std::string doubt_of(const Source& source) {
  const Claimed claimed = claim_of(source);
  const std::string set = set_of(source, /*only_names=*/false);
  if (claimed.claim == Claim::nonsense)
    return set + " in the environment is not one process of several: ";
  if (claimed.claim == Claim::several)
    return text(set, " in the environment is one of ", claimed.size, " processes, but no ",
                source.launcher, " is there by which they could meet: start them with ",
                source.command, claimed.size, ", or ");
  return "";
}

// The first of them that is wrong, and how to be rid of all.
std::string doubt() {
  std::string first, names;
  for (const Source& source : kSources) {
    const std::string words = doubt_of(source);
    if (words.empty()) continue;
    if (first.empty()) first = words;
    names += " " + set_of(source, /*only_names=*/true);
  }
  return first.empty() ? "" : first + "unset" + names;
}

}  // namespace

std::string Processes::command(int processes) const {
  for (const Source& source : kSources)
    if (launcher == source.launcher) return source.command + std::to_string(processes);
  return "mpirun -n " + std::to_string(processes);
}

Processes started_processes() {
  for (const Source& source : kSources) {
    const Claimed claimed = claim_of(source);
    const bool is_one_of_them = claimed.claim == Claim::one || claimed.claim == Claim::several;
    if (is_one_of_them && is_there(source))
      return {.rank = claimed.rank,
              .size = claimed.size,
              .launcher = source.launcher,
              .rank_variable = source.rank};
  }
  return {.doubt = doubt()};
}

std::string launch_variables() {
  std::string all;
  for (const Source& source : kSources) {
    const std::string set = set_of(source, /*only_names=*/false);
    all += (all.empty() || set.empty() ? "" : " ") + set;
  }
  return all;
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
