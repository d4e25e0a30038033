#include "labs/cli/program.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <thread>

#include "core/base/error.h"
#include "core/base/run_main.h"
#include "core/base/supply.h"
#include "core/launch/launch.h"
#include "core/launch/parts.h"
#include "core/launch/processes.h"
#include "labs/cli/front.h"

namespace shardpipe {
namespace {

// These run ranks, or refuse to where ranks are processes. All other verbs do not ask who started
// them: each process of an mpirun answers for itself.
constexpr std::array<std::string_view, 3> kVerbsOfRanks = {"run", "compare", "demo"};

Processes processes_for(const Arguments& words) {
  const bool asks = !words.empty() && std::find(kVerbsOfRanks.begin(), kVerbsOfRanks.end(),
                                                words[0]) != kVerbsOfRanks.end();
  return asks ? started_processes() : Processes{};
}

// All ranks compute the same answer; the first one gives it.
void leave_answers_to_first(const Processes& processes) {
  if (!processes.first() && std::freopen("/dev/null", "w", stdout) == nullptr)
    std::exit(static_cast<int>(ExitCode::fault));
}

// Bad input is the same on all ranks and is said once, by the first one. mpirun ends all when one
// has failed; who still lives after that long says it himself, because nobody else may be there.
void say(const std::string& message, ExitCode code, const Processes& processes) {
  if (is_about_input(code) && !processes.first())
    std::this_thread::sleep_for(std::chrono::seconds(3));
  say_error(message, code);
}

// OpenBLAS starts a thread for each core as it is loaded, which no product here uses. Each asks for
// 128 MiB again and again where ulimit -v leaves none, and the process never ends.
void leave_out_blas_threads(char** argv) {
  constexpr const char* kVariable = "OPENBLAS_NUM_THREADS";
  if (limits_of_process().address_space == ProcessLimits::kNone ||
      std::getenv(kVariable) != nullptr)
    return;
  setenv(kVariable, "1", 1);
  execv("/proc/self/exe", argv);  // where that fails it goes on as it is
}

}  // namespace

int run_program(int argc, char** argv, int (*work)(const Arguments& words)) {
  leave_out_blas_threads(argv);
  const Arguments words(argv + 1, argv + argc);
  const Processes processes = processes_for(words);
  bool has_failed = false;
  const int code = run_main(
      [&] {
        leave_answers_to_first(processes);
        return work(words);
      },
      [&](const std::string& message, ExitCode error) {
        say(message, error, processes);
        has_failed = true;
      });
  if (has_failed) end_mpi(static_cast<ExitCode>(code));  // the others would wait for this one
  return code;
}

std::string find_program(const char* what, const char* name, const char* needs) {
  const std::filesystem::path program =
      std::filesystem::read_symlink("/proc/self/exe").parent_path() / name;
  if (access(program.c_str(), X_OK) == 0) return program.string();
  if (const std::string how = how_to_build(name); !how.empty())
    fail(ExitCode::absent, text("the ", what, " is ", how));
  fail(ExitCode::absent, text("the ", what, " is not built here", needs));
}

void become(const std::string& program, const Arguments& words) {
  std::vector<std::string> all = {program};
  all.insert(all.end(), words.begin(), words.end());
  execv(program.c_str(), pointers_to(all).data());
  fail(ExitCode::fault, text(program, " cannot be started: ", std::strerror(errno)));
}

bool colour_wanted() { return isatty(STDOUT_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr; }

bool wants_help(const Arguments& a) {
  return std::any_of(a.begin(), a.end(), [](auto& w) { return w == "--help" || w == "-h"; });
}

}  // namespace shardpipe
