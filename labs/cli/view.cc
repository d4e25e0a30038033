// lab view, lab report: start the viewer and the report, programs of their own beside this one,
// with the same arguments.
#include <unistd.h>

#include <filesystem>

#include "core/base/error.h"
#include "core/launch/parts.h"
#include "labs/cli/front.h"
#include "labs/cli/verbs.h"

namespace shardpipe {
namespace {

// A program beside this one. needs: what to install where it cannot be built.
std::string find_program(const char* what, const char* name, const char* needs) {
  const std::filesystem::path program =
      std::filesystem::read_symlink("/proc/self/exe").parent_path() / name;
  if (access(program.c_str(), X_OK) == 0) return program.string();
  if (const std::string how = how_to_build(name); !how.empty())
    fail(ExitCode::absent, text("the ", what, " is ", how));
  fail(ExitCode::absent, text("the ", what, " is not built here", needs));
}

int run_program(const std::string& program, const Arguments& arguments) {
  const int code = run_in_front(program, arguments);
  if (code >= 128 && code != kInterrupted)
    fail(ExitCode::fault, text(program, " ended without an exit code"));
  return code;
}

}  // namespace

std::string find_viewer() {
  return find_program("viewer", "lab-view",
                      ": install libimgui-dev, libpng-dev and, for its window, libglfw3-dev and "
                      "libgl-dev (so named on Debian and Ubuntu), remove build/ and try again");
}

std::string find_report() { return find_program("report", "lab-report", ""); }

int run_viewer(const Arguments& arguments) { return run_program(find_viewer(), arguments); }

int verb_view(const Arguments& arguments) { return run_viewer(arguments); }

int verb_report(const Arguments& arguments) { return run_program(find_report(), arguments); }

}  // namespace shardpipe
