#include "core/launch/exit_guard.h"

#include <cstdlib>
#include <utility>

namespace shardpipe {

// A plain pointer: it is still there when the thread's other objects have been destroyed.
const ExitGuard*& ExitGuard::of_thread() {
  thread_local const ExitGuard* guard = nullptr;
  return guard;
}

void ExitGuard::ended() {
  if (of_thread() != nullptr) of_thread()->at_exit_();
}

ExitGuard::ExitGuard(std::function<void()> at_exit)
    : at_exit_(std::move(at_exit)), outer_(of_thread()) {
  static const int registered = std::atexit(ended);
  static_cast<void>(registered);
  of_thread() = this;
}

ExitGuard::~ExitGuard() { of_thread() = outer_; }

}  // namespace shardpipe
