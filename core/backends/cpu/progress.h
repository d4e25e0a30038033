// Progress: says again and again, from a thread of its own, what a run has recorded so far.
#pragma once

#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>

#include "core/trace/trace.h"

namespace shardpipe::cpu {

class Progress {
 public:
  // Every `every_s` seconds, or after four times what the last took if that is longer (so it takes
  // at most a fifth of a core): tell(so_far()), unless nothing is recorded yet. An empty `tell`:
  // no thread. so_far must be safe beside the run.
  Progress(std::function<void(const Trace&)> tell, double every_s, std::function<Trace()> so_far);
  ~Progress() { end(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // Afterwards nothing is told. What `tell` threw, after which it was not called again; or null.
  std::exception_ptr end();

 private:
  void run();

  const std::function<void(const Trace&)> tell_;
  const double every_s_;
  const std::function<Trace()> so_far_;
  std::mutex mutex_;
  std::condition_variable has_ended_;
  bool ends_ = false;
  std::exception_ptr error_;
  std::thread thread_;
};

}  // namespace shardpipe::cpu
