// ExitGuard: while it lives, a call of exit() on its thread is noticed. exit() takes the other
// ranks of the process with it, and without a word.
#pragma once

#include <functional>

namespace shardpipe {

class ExitGuard {
 public:
  // at_exit: called on this thread if it ends the process; what it does last should end it.
  explicit ExitGuard(std::function<void()> at_exit);
  ~ExitGuard();
  ExitGuard(const ExitGuard&) = delete;
  ExitGuard& operator=(const ExitGuard&) = delete;

 private:
  const std::function<void()> at_exit_;
  const ExitGuard* const outer_;

  static const ExitGuard*& of_thread();
  static void ended();
};

}  // namespace shardpipe
