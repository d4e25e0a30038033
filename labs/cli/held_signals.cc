#include "labs/cli/held_signals.h"

#include <array>
#include <csignal>

namespace shardpipe {
namespace {

constexpr std::array<int, 3> kHeld = {SIGINT, SIGTERM, SIGHUP};

// What a handler may touch.
struct State {
  volatile std::sig_atomic_t came = 0, pass_to = 0;
  std::array<std::array<struct sigaction, kHeld.size()>, 4> before = {};  // one lives in another
  std::size_t depth = 0;
};

State& state() {
  static State of_process;
  return of_process;
}

void on_signal(int number) {
  state().came = number;
  if (state().pass_to != 0) kill(state().pass_to, number);
}

}  // namespace

HeldSignals::HeldSignals() {
  struct sigaction hold = {};
  hold.sa_handler = on_signal;
  hold.sa_flags = SA_RESTART;
  auto& before = state().before.at(state().depth++);
  for (std::size_t i = 0; i < kHeld.size(); ++i) {
    sigaction(kHeld[i], nullptr, &before[i]);
    // Ignored from the start, as by nohup: it stays so.
    if (before[i].sa_handler != SIG_IGN) sigaction(kHeld[i], &hold, nullptr);
  }
}

HeldSignals::~HeldSignals() {
  state().pass_to = 0;
  const auto& before = state().before.at(--state().depth);
  for (std::size_t i = 0; i < kHeld.size(); ++i) sigaction(kHeld[i], &before[i], nullptr);
  if (const int number = take()) raise(number);
}

void HeldSignals::pass_to(pid_t process) const {
  state().pass_to = process;
  if (process != 0 && came() != 0) kill(process, came());
}

int HeldSignals::came() { return state().came; }

int HeldSignals::take() {
  const int number = state().came;
  state().came = 0;
  return number;
}

}  // namespace shardpipe
