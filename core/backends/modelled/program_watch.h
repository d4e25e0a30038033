// ProgramWatch: ends a run in which a rank's program neither returns nor submits anything. The log
// cannot show that: ranks run one after another, and the others have not begun.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

#include "core/comm/last_call.h"

namespace shardpipe::modelled {

class ProgramWatch {
 public:
  // A program may take as long without a submission. 2 s later the process ends with the sentence
  // and the exit code of a deadlock: nothing else can stop it.
  explicit ProgramWatch(double time_limit_s);
  ~ProgramWatch();

  // While it lives, the program of `rank` runs; `steps` rises with everything that it submits.
  class Turn {
   public:
    Turn(ProgramWatch& watch, int rank, const std::atomic<std::uint64_t>& steps,
         const LastCall& last)
        : watch_(watch) {
      watch.set(rank, &steps, &last);
    }
    ~Turn() { watch_.set(-1, nullptr, nullptr); }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

   private:
    ProgramWatch& watch_;
  };
  void throw_if_late();  // Error(deadlock): a program took too long, but did come back

 private:
  void set(int rank, const std::atomic<std::uint64_t>* steps, const LastCall* last);
  void watch();
  std::string sentence() const;

  const double time_limit_s_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable quit_changed_;
  bool quit_ = false;
  std::string late_ = {};  // what to say: a program takes too long
  int rank_ = -1;          // -1: none is running
  const std::atomic<std::uint64_t>* steps_ = nullptr;
  const LastCall* last_ = nullptr;
  std::thread thread_;  // last: starts when the other members exist
};

}  // namespace shardpipe::modelled
