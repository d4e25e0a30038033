#include "core/launch/local_ranks.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <sstream>

#include "core/base/error.h"

namespace shardpipe {
namespace {

// What /proc/N/stat says: "7 (a name) S 1 ...", of which the 22nd field is when it began.
struct Stat {
  std::string name = {};
  char state = '?';
  int parent = 0;
  std::uint64_t began = 0;
};

std::optional<Stat> stat_of(int process) {
  std::ifstream file(text("/proc/", process, "/stat"));  // no InputFile: the kernel's
  std::string line;
  if (!std::getline(file, line)) return {};
  const std::size_t open = line.find('('), close = line.rfind(')');  // a name may hold any byte
  if (open == std::string::npos || close == std::string::npos) return {};
  Stat stat{.name = line.substr(open + 1, close - open - 1)};
  std::istringstream fields(line.substr(close + 1));
  fields >> stat.state >> stat.parent;
  std::string skipped;
  for (int field = 5; field < 22; ++field) fields >> skipped;
  fields >> stat.began;
  return stat;
}

// The value of a variable with which a process was started; none: it has none, or may not be asked.
std::optional<int> number_in_environment(int process, const std::string& name) {
  std::ifstream file(text("/proc/", process, "/environ"));  // no InputFile: the kernel's
  for (std::string one; std::getline(file, one, '\0');)
    if (one.rfind(name + "=", 0) == 0) return std::atoi(one.c_str() + name.size() + 1);
  return {};
}

std::map<int, Stat> all_processes() {
  std::map<int, Stat> all;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", ignored)) {
    const int process = std::atoi(entry.path().filename().c_str());
    if (process <= 0) continue;
    if (auto stat = stat_of(process)) all[process] = *stat;
  }
  return all;
}

bool stems_from(int process, int ancestor, const std::map<int, Stat>& all) {
  for (auto at = all.find(process); at != all.end(); at = all.find(at->second.parent))
    if (at->second.parent == ancestor) return true;
  return false;
}

}  // namespace

LocalRanks::LocalRanks(std::string rank_variable) : rank_variable_(std::move(rank_variable)) {
  if (rank_variable_.empty()) return;
  int at = getppid();
  auto stat = stat_of(at);
  while (stat && number_in_environment(at, rank_variable_)) {
    at = stat->parent;
    stat = stat_of(at);
  }
  if (!stat) return;
  launchers_.push_back({.number = at, .began = stat->began, .program = stat->name});
  const int above = stat->parent;
  stat = stat_of(above);
  if (stat && stat->name.rfind("mpi", 0) == 0)
    launchers_.push_back({.number = above, .began = stat->began, .program = stat->name});
  find();
}

void LocalRanks::find() {
  if (launchers_.empty()) return;
  const std::map<int, Stat> all = all_processes();
  for (const auto& [process, stat] : all) {
    if (!stems_from(process, launchers_[0].number, all)) continue;
    const bool is_known = std::any_of(ranks_.begin(), ranks_.end(), [&](const Process& one) {
      return one.number == process && one.began == stat.began;
    });
    if (is_known) continue;
    if (const auto rank = number_in_environment(process, rank_variable_))
      ranks_.push_back(
          {.rank = *rank, .number = process, .began = stat.began, .program = stat.name});
  }
}

LocalRanks::State LocalRanks::state_of(const Process& process) {
  const auto stat = stat_of(process.number);
  if (!stat || stat->began != process.began || stat->state == 'Z' || stat->state == 'X')
    return State::gone;
  return stat->state == 'T' || stat->state == 't' ? State::stopped : State::running;
}

bool LocalRanks::is_known(int rank) const {
  return std::any_of(ranks_.begin(), ranks_.end(), [&](auto& one) { return one.rank == rank; });
}

LocalRanks::State LocalRanks::state_of(int rank) const {
  if (!is_known(rank)) return State::running;
  State state = State::gone;
  for (const Process& one : ranks_) {
    if (one.rank != rank) continue;
    const State its = state_of(one);
    if (its == State::stopped) return its;
    if (its == State::running) state = its;
  }
  return state;
}

int LocalRanks::first_running() const {
  int first = -1;
  for (const Process& one : ranks_)
    if ((first < 0 || one.rank < first) && state_of(one.rank) == State::running) first = one.rank;
  return first;
}

std::string LocalRanks::words_about(int rank) const {
  const State state = state_of(rank);
  if (state == State::gone) return "has ended";
  if (state == State::running) return "runs";
  for (const Process& one : ranks_)
    if (one.rank == rank && state_of(one) == State::stopped)
      return text("is stopped (process ", one.number, ")");
  return "is stopped";
}

const LocalRanks::Process& LocalRanks::worst_launcher() const {
  return *std::max_element(
      launchers_.begin(), launchers_.end(),
      [](const Process& a, const Process& b) { return state_of(a) < state_of(b); });
}

LocalRanks::State LocalRanks::launcher() const {
  return launchers_.empty() ? State::running : state_of(worst_launcher());
}

std::string LocalRanks::words_about_launcher() const {
  if (launchers_.empty()) return "";
  const Process& launcher = worst_launcher();
  const State state = state_of(launcher);
  return text(launcher.program, " (process ", launcher.number, ") ",
              state == State::stopped ? "is stopped"
              : state == State::gone  ? "has ended"
                                      : "runs");
}

bool LocalRanks::wake_launcher() const {
  if (launcher() != State::stopped) return false;
  for (const Process& one : launchers_)
    if (state_of(one) == State::stopped) kill(one.number, SIGCONT);
  return true;
}

void LocalRanks::kill_all_others() const {
  const auto self = std::find_if(ranks_.begin(), ranks_.end(),
                                 [](const Process& one) { return one.number == getpid(); });
  if (self == ranks_.end()) return;
  for (const Process& one : ranks_)
    if (one.rank != self->rank && state_of(one) != State::gone) kill(one.number, SIGKILL);
  for (const Process& one : launchers_)
    if (state_of(one) != State::gone) kill(one.number, SIGKILL);
}

}  // namespace shardpipe
