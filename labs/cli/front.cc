#include "labs/cli/front.h"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <thread>

#include "core/base/error.h"
#include "core/base/progress.h"
#include "labs/cli/held_signals.h"
#include "labs/cli/verbs.h"

namespace shardpipe {
namespace {

constexpr int kNotStarted = 127;  // as a shell says it

// Only calls that are safe between fork and exec.
[[noreturn]] void start(char* const* words, char* const* environment, pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() == parent) execve(words[0], words, environment);
  _exit(kNotStarted);
}

// A rank that is in front of others tells them meanwhile that it is not stuck.
int wait_for(pid_t child) {
  constexpr auto kPause = std::chrono::milliseconds(5);
  int status = 0;
  for (;;) {
    const pid_t ended = waitpid(child, &status, WNOHANG);
    if (ended == child) return status;
    if (ended < 0 && errno != EINTR) fail(ExitCode::fault, "a program cannot be waited for");
    tell_progress();
    std::this_thread::sleep_for(kPause);
  }
}

}  // namespace

std::vector<char*> pointers_to(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

int run_in_front(const std::string& program, const std::vector<std::string>& arguments,
                 const std::vector<std::string>& more) {
  std::vector<std::string> words = {program}, environment = more;
  words.insert(words.end(), arguments.begin(), arguments.end());
  for (char** variable = environ; *variable != nullptr; ++variable)
    environment.emplace_back(*variable);
  const std::vector<char*> argv = pointers_to(words), envp = pointers_to(environment);
  std::cout.flush();  // the child prints, too
  const HeldSignals held;
  const pid_t parent = getpid(), child = fork();
  if (child < 0) fail(ExitCode::crash, text(program, " cannot be started: ", std::strerror(errno)));
  if (child == 0) start(argv.data(), envp.data(), parent);
  held.pass_to(child);
  const int status = wait_for(child);
  const int came = HeldSignals::take();
  if (came == SIGTERM || came == SIGHUP) return 128 + came;
  if (WIFSIGNALED(status))
    return WTERMSIG(status) == SIGINT ? kInterrupted : 128 + WTERMSIG(status);
  if (WEXITSTATUS(status) == kNotStarted)
    fail(ExitCode::fault, text(program, " cannot be started"));
  return WEXITSTATUS(status);
}

bool was_told_to_end(int code) { return code == 128 + SIGTERM || code == 128 + SIGHUP; }

}  // namespace shardpipe
