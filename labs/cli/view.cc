// lab view, lab report: start the viewer and the report, programs of their own beside this one,
// with the same arguments.
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>

#include "core/base/error.h"
#include "labs/cli/verbs.h"

namespace shardpipe {

namespace {

std::filesystem::path beside_this(const char* name) {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path() / name;
}

// Its exit code.
int run_program(const std::filesystem::path& program, const Arguments& arguments) {
  std::vector<std::string> words = {program.string()};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  pid_t child = -1;
  int status = 0;
  if (const int error =
          posix_spawn(&child, program.c_str(), nullptr, nullptr, argv.data(), environ))
    fail(ExitCode::fault, text(program.string(), " cannot be started: ", std::strerror(error)));
  if (waitpid(child, &status, 0) != child || !WIFEXITED(status))
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
