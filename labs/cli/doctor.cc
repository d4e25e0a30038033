// lab doctor.
#include <algorithm>
#include <iostream>
#include <thread>

#include "core/base/error.h"
#include "core/base/printable.h"
#include "core/base/terminal.h"
#include "core/cost/hardware.h"
#include "core/launch/machine.h"
#include "labs/cli/verbs.h"
#include "labs/lab.h"

namespace shardpipe {
namespace {

std::string compiler() {
#if defined(__clang__)
  return text("clang ", __clang_major__, ".", __clang_minor__);
#else
  return text("g++ ", __GNUC__, ".", __GNUC_MINOR__);
#endif
}

void line(const char* what, const std::string& value) {
  print("%-10s %s\n", what, printable(value).c_str());
}

}  // namespace

int verb_doctor(const Arguments& arguments) {
  if (wants_help(arguments)) {
    std::cout << "usage: ./lab doctor        what this machine has and which backends run here\n";
    return 0;
  }
  if (!arguments.empty()) usage_error("lab doctor takes no arguments");
  std::string profiles;
  for (const std::string& name : hardware_names())
    profiles += (profiles.empty() ? "" : ", ") + name;
  line("compiler", compiler() + " (C++20)");
  line("cores", text(std::thread::hardware_concurrency()));
  line("blas", blas_description());
  line("cpu", "yes: ranks are threads, numbers are real, times are measured");
  line("modelled", "yes: no numbers, times of " + profiles);
  line("mpi", mpi_status());
  line("cuda", cuda_status());
  const auto anywhere = std::count_if(all_labs().begin(), all_labs().end(),
                                      [](const Lab& lab) { return !lab.needs_processes; });
  line("labs", text(anywhere, " run here on cpu and modelled: ./lab list"));
  return 0;
}

}  // namespace shardpipe
