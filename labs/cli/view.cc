// lab view, lab report: start the viewer and the report, programs of their own beside this one,
// with the same arguments.
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>

#include "core/base/error.h"
#include "labs/cli/verbs.h"

namespace shardpipe {

namespace {

std::filesystem::path beside_this(const char* name) {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path() / name;
}

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

// Its exit code; as in a shell 130 if it was interrupted.
int run_program(const std::filesystem::path& program, const Arguments& arguments) {
  std::vector<std::string> words = {program.string()};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  pid_t child = -1;
  int status = 0;
  const InterruptsIgnored ignored;
  if (const int error =
          posix_spawn(&child, program.c_str(), nullptr, ignored.child(), argv.data(), environ))
    fail(ExitCode::fault, text(program.string(), " cannot be started: ", std::strerror(error)));
  while (waitpid(child, &status, 0) != child)
    if (errno != EINTR) fail(ExitCode::fault, text(program.string(), " cannot be waited for"));
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGINT) return kInterrupted;
  if (!WIFEXITED(status))
    fail(ExitCode::fault, text(program.string(), " ended without an exit code"));
  return WEXITSTATUS(status);
}

}  // namespace

int run_viewer(const Arguments& arguments) {
  const std::filesystem::path program = beside_this("lab-view");
  if (access(program.c_str(), X_OK) != 0)
    fail(ExitCode::absent,
         "the viewer is not built here: install libimgui-dev, libpng-dev and, for its window, "
         "libglfw3-dev and libgl-dev (so named on Debian and Ubuntu), remove build/ and try again");
  return run_program(program, arguments);
}

int verb_view(const Arguments& arguments) { return run_viewer(arguments); }

int verb_report(const Arguments& arguments) {
  return run_program(beside_this("lab-report"), arguments);
}

}  // namespace shardpipe
