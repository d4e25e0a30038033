#include "core/base/thread.h"

#include <system_error>

#include "core/base/error.h"

namespace shardpipe {

std::thread start_thread(const std::string& what, std::function<void()> body) {
  try {
    return std::thread(std::move(body));
  } catch (const std::system_error& e) {
    out_of_resources(text("no thread was to be had for ", what, ": ", e.code().message(),
                          " (see ulimit -u and -v, and pids.max of the cgroup)"));
  }
}

}  // namespace shardpipe
