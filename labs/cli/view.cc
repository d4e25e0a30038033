// lab view, lab report: start the viewer and the report, programs of their own beside this one,
// with the same arguments.
#include <unistd.h>

#include <filesystem>

#include "core/base/error.h"
#include "labs/cli/front.h"
#include "labs/cli/verbs.h"

namespace shardpipe {
namespace {

int run_beside(const char* name, const Arguments& arguments) {
  const auto folder = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  const int code = run_in_front((folder / name).string(), arguments);
  if (code >= 128 && code != kInterrupted)
    fail(ExitCode::fault, text(name, " ended without an exit code"));
  return code;
}

}  // namespace

int run_viewer(const Arguments& arguments) {
  const auto folder = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  if (access((folder / "lab-view").c_str(), X_OK) != 0)
    fail(ExitCode::absent,
         "the viewer is not built here: install libimgui-dev, libpng-dev and, for its window, "
         "libglfw3-dev and libgl-dev (so named on Debian and Ubuntu), remove build/ and try again");
  return run_beside("lab-view", arguments);
}

int verb_view(const Arguments& arguments) { return run_viewer(arguments); }

int verb_report(const Arguments& arguments) { return run_beside("lab-report", arguments); }

}  // namespace shardpipe
