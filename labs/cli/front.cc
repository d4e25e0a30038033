#include "labs/cli/front.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <iostream>

#include "core/base/error.h"
#include "labs/cli/verbs.h"

namespace shardpipe {
namespace {

// Ctrl-C is for the program that runs in front; this one waits for it, and then tidies up.
class InterruptsIgnored {
 public:
  InterruptsIgnored() : before_(std::signal(SIGINT, SIG_IGN)) {
    posix_spawnattr_init(&child_);
    sigset_t interrupts;
    sigemptyset(&interrupts);
    sigaddset(&interrupts, SIGINT);
    posix_spawnattr_setsigdefault(&child_, &interrupts);
    posix_spawnattr_setflags(&child_, POSIX_SPAWN_SETSIGDEF);
  }
  ~InterruptsIgnored() {
    posix_spawnattr_destroy(&child_);
    std::signal(SIGINT, before_);
  }
  InterruptsIgnored(const InterruptsIgnored&) = delete;
  InterruptsIgnored& operator=(const InterruptsIgnored&) = delete;

  const posix_spawnattr_t* child() const { return &child_; }

 private:
  void (*before_)(int);
  posix_spawnattr_t child_ = {};
};

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
  std::cout.flush();  // the child prints, too
  pid_t child = -1;
  int status = 0;
  const InterruptsIgnored ignored;
  if (const int error = posix_spawn(&child, program.c_str(), nullptr, ignored.child(),
                                    pointers_to(words).data(), pointers_to(environment).data()))
    fail(ExitCode::fault, text(program, " cannot be started: ", std::strerror(error)));
  while (waitpid(child, &status, 0) != child)
    if (errno != EINTR) fail(ExitCode::fault, text(program, " cannot be waited for"));
  if (WIFSIGNALED(status))
    return WTERMSIG(status) == SIGINT ? kInterrupted : 128 + WTERMSIG(status);
  return WEXITSTATUS(status);
}

}  // namespace shardpipe
