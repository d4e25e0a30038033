// WaitBoard: every place where a thread of a run may have to wait for another one, and the monitor
// that ends a run in which nothing can go on.
//
// A party is a thread: a rank's program or one of its streams. Each wait has a condition the
// monitor can test itself. If every party waits and no condition holds, that is a deadlock, known
// at once and without a clock. If a party runs and nobody gets anywhere for the time limit, it is a
// hang.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "core/base/error.h"

namespace shardpipe::cpu {

// What a waiting thread sleeps on. Whoever may have made its condition true calls notify().
class Signal {
 public:
  void notify() {
    if (sleepers_.load() == 0) return;
    std::lock_guard lock(mutex_);
    changed_.notify_all();
  }

 private:
  friend class WaitBoard;
  std::atomic<int> sleepers_{0};
  std::mutex mutex_;
  std::condition_variable changed_;
};

using Condition = std::function<bool()>;
using Describe = std::function<std::string()>;

class Party {
 public:
  Party(int rank, std::string name) : rank_(rank), name_(std::move(name)) {}

  // The operation the party is inside of, for the report. `what` is of static storage.
  void enter(const char* what) {
    inside_.store(what, std::memory_order_relaxed);
    steps_.fetch_add(1, std::memory_order_relaxed);
  }

 private:
  friend class WaitBoard;
  enum class State { running, waiting, idle, gone };

  const int rank_;
  const std::string name_;
  std::atomic<std::uint64_t> steps_{0};  // rises with every operation and every change of state
  std::atomic<const char*> inside_{""};
  std::mutex mutex_;  // guards what follows
  State state_ = State::running;
  const Condition* ready_ = nullptr;
  const Describe* describe_ = nullptr;
};

class WaitBoard {
 public:
  // ranks: how many threads compete for the cores; with more ranks than cores waits do not spin.
  WaitBoard(int ranks, double time_limit_s);
  ~WaitBoard();

  Party& add_party(int rank, const std::string& name);
  void leave(Party& party);  // its thread has ended

  // Returns when ready() holds. Throws if the run was stopped. `idle`: a wait for work to do, which
  // holds nobody up. Spins for some microseconds before it sleeps.
  template <class Ready, class What>
  void wait(Party& party, Signal& signal, Ready&& ready, What&& describe, bool idle = false) {
    for (int i = 0; i < spins_; ++i) {
      if (ready()) return;
      relax(i);
    }
    sleep(party, signal, Condition(std::ref(ready)), Describe(std::ref(describe)), idle);
  }

  // The first error wins; all waits of the run end with an exception.
  void stop(std::exception_ptr error);
  void stop_because_of(int rank, std::exception_ptr error);  // adds who failed and who waits
  bool stopped() const { return stopped_.load(); }
  void throw_if_stopped() const;
  std::exception_ptr error() const;

 private:
  void relax(int i) const;
  void sleep(Party& party, Signal& signal, const Condition& ready, const Describe& describe,
             bool idle);
  void monitor();
  bool deadlocked();
  bool anybody_waits();
  void stop_with(const std::string& sentence);
  [[noreturn]] void end_process() const;
  std::uint64_t steps() const;
  std::string waits();  // "rank 0 waits in ...; rank 1 has returned"
  std::string state_of_rank(int rank);

  const int spins_;
  const bool yields_;
  const double time_limit_s_;
  mutable std::mutex mutex_;  // guards parties_, error_, quit_
  std::vector<std::unique_ptr<Party>> parties_;
  std::exception_ptr error_;
  std::atomic<bool> stopped_{false};
  bool quit_ = false;
  std::condition_variable wake_monitor_;
  std::thread monitor_;  // last: starts when the other members exist
};

}  // namespace shardpipe::cpu
