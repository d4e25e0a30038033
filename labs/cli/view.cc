// lab view, lab report: start the viewer and the report, programs of their own beside this one,
// with the same arguments.
#include <csignal>

#include "core/base/error.h"
#include "labs/cli/front.h"
#include "labs/cli/program.h"
#include "labs/cli/verbs.h"

namespace shardpipe {
namespace {

int run_to_its_end(const std::string& program, const Arguments& arguments) {
  const int code = run_in_front(program, arguments);
  if (code >= 128 && code != kInterrupted && code != 128 + SIGPIPE &&  // it printed to nobody
      !was_told_to_end(code))
    fail(ExitCode::fault, text(program, " ended without an exit code"));
  return code;
}

}  // namespace

std::string find_viewer() {
  return find_program("viewer", "lab-view",
                      ": install libimgui-dev, libpng-dev and, for its window, libglfw3-dev and "
                      "libgl-dev (so named on Debian and Ubuntu), remove build/ and try again");
}

std::string find_report() { return find_program("report", "lab-report"); }

int run_viewer(const Arguments& arguments) { return run_to_its_end(find_viewer(), arguments); }

int verb_view(const Arguments& arguments) { return run_viewer(arguments); }

int verb_report(const Arguments& arguments) { return run_to_its_end(find_report(), arguments); }

}  // namespace shardpipe
