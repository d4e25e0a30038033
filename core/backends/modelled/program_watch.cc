#include "core/backends/modelled/program_watch.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>

#include "core/base/error.h"
#include "core/base/terminal.h"
#include "core/base/thread.h"

namespace shardpipe::modelled {
namespace {

using Clock = std::chrono::steady_clock;     // nobody sets it, as people set clocks
using Deadline = std::chrono::system_clock;  // of timed waits: the one that every sanitizer knows
using Seconds = std::chrono::duration<double>;

constexpr double kGrace_s = 2;
constexpr double kMostLook_s = 0.1;

}  // namespace

ProgramWatch::ProgramWatch(double time_limit_s)
    : time_limit_s_(time_limit_s),
      thread_(start_thread("the watch of the run", [this] { watch(); })) {}

ProgramWatch::~ProgramWatch() {
  {
    std::lock_guard lock(mutex_);
    quit_ = true;
  }
  quit_changed_.notify_all();
  thread_.join();
}

void ProgramWatch::set(int rank, const std::atomic<std::uint64_t>* steps, const LastCall* last) {
  std::lock_guard lock(mutex_);
  rank_ = rank;
  steps_ = steps;
  last_ = last;
}

void ProgramWatch::throw_if_late() {
  std::lock_guard lock(mutex_);
  if (!late_.empty()) fail(ExitCode::deadlock, late_);
}

std::string ProgramWatch::sentence() const {
  return text("no progress for ", time_limit_s_, " s: rank ", rank_, " is inside its program (",
              last_->words(), ")");
}

void ProgramWatch::watch() {
  std::unique_lock lock(mutex_);
  const auto look = std::chrono::duration_cast<Deadline::duration>(
      Seconds(std::min(kMostLook_s, time_limit_s_ / 4)));
  int rank = -1;
  std::uint64_t seen = 0;
  for (auto since = Clock::now(); !quit_; quit_changed_.wait_until(lock, Deadline::now() + look)) {
    const std::uint64_t steps = rank_ < 0 ? 0 : steps_->load();
    if (rank_ < 0 || rank_ != rank || steps != seen) since = Clock::now();
    rank = rank_;
    seen = steps;
    const double idle_s = Seconds(Clock::now() - since).count();
    if (late_.empty() && idle_s > time_limit_s_) late_ = sentence();
    if (idle_s <= time_limit_s_ + kGrace_s) continue;
    say_error(late_, ExitCode::deadlock);
    std::_Exit(static_cast<int>(ExitCode::deadlock));
  }
}

}  // namespace shardpipe::modelled
