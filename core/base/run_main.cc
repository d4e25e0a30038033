#include "core/base/run_main.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <iostream>

namespace shardpipe {
namespace {

// Opened the wrong way round, so that reading and writing go on failing as they do when closed.
void take_standard_descriptors() {
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (fcntl(descriptor, F_GETFD) < 0)
      open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY);  // the lowest free one
}

// "": all that was printed has arrived.
std::string loss_of_output() {
  errno = 0;
  std::cout.flush();
  const bool arrived = std::fflush(stdout) == 0 && std::ferror(stdout) == 0 && std::cout.good();
  if (arrived) return "";
  const std::string why = errno == 0 ? "an earlier write failed" : std::strerror(errno);
  return "stdout could not be written, what was printed is not whole: " + why;
}

int code_of(const std::function<int()>& work, const SayError& say) {
  const auto failed = [&](const std::string& message, ExitCode code) {
    std::cout.flush();
    say(message, code);
    return static_cast<int>(code);
  };
  try {
    return work();
  } catch (const Error& e) {
    return failed(e.what(), e.code());
  } catch (const std::exception& e) {
    if (error_of(e).is_of_resources()) return failed(error_of(e).what(), ExitCode::crash);
    return failed(text("a fault of the kit: ", e.what()), ExitCode::fault);
  }
}

}  // namespace

int run_main(const std::function<int()>& work, const SayError& say) {
  take_standard_descriptors();
  std::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is a failed write
  PrintableOutput output;
  const int code = code_of(work, say);
  output.finish();
  const std::string loss = loss_of_output();
  if (loss.empty()) return code;
  say(loss, ExitCode::usage);
  return code == 0 ? static_cast<int>(ExitCode::usage) : code;
}

}  // namespace shardpipe
