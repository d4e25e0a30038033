#include "core/backends/cpu/progress.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "core/base/thread.h"

namespace shardpipe::cpu {

using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

Progress::Progress(std::function<void(const Trace&)> tell, double every_s,
                   std::function<Trace()> so_far)
    : tell_(std::move(tell)), every_s_(every_s), so_far_(std::move(so_far)) {
  if (tell_) thread_ = start_thread("--live", [this] { run(); });
}

std::exception_ptr Progress::end() {
  {
    std::lock_guard lock(mutex_);
    ends_ = true;
  }
  has_ended_.notify_one();
  if (thread_.joinable()) thread_.join();
  return error_;
}

void Progress::run() {
  Seconds pause(every_s_);
  std::unique_lock lock(mutex_);
  while (!has_ended_.wait_for(lock, pause, [this] { return ends_; })) {
    lock.unlock();
    const auto begin = Clock::now();
    try {
      if (const Trace trace = so_far_(); !trace.spans.empty()) tell_(trace);
    } catch (...) {
      error_ = std::current_exception();
      return;
    }
    pause = std::max(Seconds(every_s_), 4 * Seconds(Clock::now() - begin));
    lock.lock();
  }
}

}  // namespace shardpipe::cpu
