// WaitBoard: every place where a thread of a run may have to wait for another one, and the monitor
// that ends a run in which nothing can go on.
//
// A party is a thread: a rank's program or one of its streams. Each wait has a condition the
// monitor can test itself. If every party waits and no condition holds, that is a deadlock, known
// at once and without a clock. If a party runs and nobody gets anywhere for the time limit, it is a
// hang. Where ranks are processes, each has a board of its own and no board sees all waits: a party
// that polls waits for another process, and the monitor asks the others before it calls anything a
// hang. Such a board outlives a run: it lives as long as MPI does.
//
// What a party does between two operations is not seen; work that takes long there tells that it
// goes on (core/base/progress.h).
#pragma once

#include <atomic>
#include <chrono>
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
#include "core/trace/recorder.h"

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

using TimePoint = std::chrono::steady_clock::time_point;  // nobody sets it, as people set clocks
using Deadline = std::chrono::system_clock;  // of timed waits: the one that every sanitizer knows
using Condition = std::function<bool()>;
using Describe = std::function<std::string()>;

class Party {
 public:
  // span: of a stream, what it is running; nullptr: none. Read only while the party polls.
  Party(int rank, std::string name, const SpanRecord* span)
      : rank_(rank), name_(std::move(name)), span_(span) {}

  // The operation the party is inside of, for the report; of a program: what it does, if that is
  // more than "its program". `what` is of static storage.
  void enter(const char* what) {
    inside_.store(what, std::memory_order_relaxed);
    steps_.fetch_add(1, std::memory_order_relaxed);
  }

 private:
  friend class WaitBoard;
  enum class State { running, waiting, polling, idle, gone };

  const int rank_;
  const std::string name_;
  const SpanRecord* const span_;
  std::atomic<std::uint64_t> steps_{0};  // rises with every operation and every change of state
  std::atomic<const char*> inside_{""};
  std::mutex mutex_;  // guards what follows
  State state_ = State::running;
  const Condition* ready_ = nullptr;  // not while polling: only the party itself may call that one
  const Describe* describe_ = nullptr;
};

// What a process says when another one asks.
struct Answer {
  double idle_s = 0;       // since anything last moved in it
  std::string waits = {};  // "rank 3 waits in ..."
};

// An operation that a stream has begun and not ended.
struct OpenSpan {
  std::string stream = {};
  SpanRecord record = {};
};

class WaitBoard;

// The other processes of a run, as the monitor sees them; its thread makes all these calls.
class OtherProcesses {
 public:
  virtual ~OtherProcesses() = default;
  virtual void look(WaitBoard& board) = 0;  // every 10 ms: answers those who ask
  // By rank, this process among them. Takes up to a second if one of them does not answer.
  virtual std::vector<Answer> ask(WaitBoard& board) = 0;
  // Ends all processes of the run; does not return. The sentence is printed once, whoever else ends
  // it too.
  virtual void end(WaitBoard& board, const std::string& sentence, ExitCode code) = 0;
};

class WaitBoard {
 public:
  // ranks: how many threads compete for the cores; with more ranks than cores waits do not spin.
  // others: where ranks are processes. The board ends a stopped run through it.
  WaitBoard(int ranks, double time_limit_s, OtherProcesses* others = nullptr);
  ~WaitBoard();

  // Of a board that lives before its run and after it; while no stream does.
  void set_ranks(int ranks);
  void set_time_limit(double time_limit_s) { time_limit_s_.store(time_limit_s); }
  double time_limit_s() const { return time_limit_s_.load(); }

  Party& add_party(int rank, const std::string& name, const SpanRecord* span = nullptr);
  void leave(Party& party);   // its thread has ended
  void remove(Party& party);  // nobody will ask for it any more

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

  // As wait, for what another process does: nobody notifies, so ready() is called again and again,
  // by this thread only. stop() does not end it, because what is waited for may still write into
  // the caller's memory; the monitor ends the process instead.
  template <class Ready, class What>
  void poll(Party& party, Ready&& ready, What&& describe) {
    for (int i = 0; i < spins_ / 10; ++i) {  // a call that looks takes about ten pauses
      if (ready()) return;
      relax(i);
    }
    const Describe what(std::ref(describe));
    const InState polling(party, Party::State::polling, nullptr, &what);
    for (int i = 0; !ready(); ++i) relax_long(i);
  }

  // For a call that comes back only when other processes have done their part. Its result.
  template <class Call, class What>
  auto block(Party& party, Call&& call, What&& describe) {
    const Describe what(std::ref(describe));
    const InState polling(party, Party::State::polling, nullptr, &what);
    return call();
  }

  // The first error wins; all waits of the run end with an exception.
  void stop(std::exception_ptr error);
  void stop_because_of(int rank, std::exception_ptr error);  // adds who failed and who waits
  bool stopped() const { return stopped_.load(); }
  void throw_if_stopped() const;
  std::exception_ptr error() const;
  Answer answer();                      // of this process
  std::vector<OpenSpan> in_progress();  // what streams of it poll for
  // How often a thread slept so far, and how often nobody woke it though it could go on: it looked
  // again by itself.
  struct Sleeps {
    std::uint64_t all = 0, late = 0;
  };
  Sleeps sleeps() const { return {sleeps_.load(), late_.load()}; }

 private:
  void relax(int i) const;
  static void relax_long(int i);
  // A party is in a state while this lives, also where the wait ends with an exception: the monitor
  // must not ask for a description that is gone.
  struct InState {
    InState(Party& waiting, Party::State state, const Condition* ready, const Describe* describe)
        : party(waiting) {
      set_state(party, state, ready, describe);
    }
    ~InState() { set_state(party, Party::State::running, nullptr, nullptr); }
    InState(const InState&) = delete;
    InState& operator=(const InState&) = delete;
    Party& party;
  };
  static void set_state(Party& party, Party::State state, const Condition* ready,
                        const Describe* describe);
  void sleep(Party& party, Signal& signal, const Condition& ready, const Describe& describe,
             bool idle);
  void monitor();
  bool deadlocked();
  bool anybody_waits();
  std::exception_ptr with_place(int rank, std::exception_ptr error);
  void stop_with(const std::string& sentence);
  void look_for_deadlock();
  void ask_others();
  void end_if_stopped();
  [[noreturn]] void end_process();
  std::vector<Answer> ask_until_others_wait();
  [[noreturn]] void end_all(std::string sentence, ExitCode code);
  std::uint64_t steps() const;
  void note_movement();
  std::string waits();  // "rank 0 waits in ...; rank 1 has returned"
  std::string state_of_rank(int rank);

  int spins_ = 0;
  bool yields_ = false;
  std::atomic<std::uint64_t> sleeps_{0}, late_{0};
  std::atomic<double> time_limit_s_;
  OtherProcesses* const others_;
  mutable std::mutex mutex_;  // guards parties_, removed_steps_, error_, quit_
  std::vector<std::unique_ptr<Party>> parties_;
  std::uint64_t removed_steps_ = 0;  // of parties that were removed
  std::exception_ptr error_;
  std::atomic<bool> stopped_{false};
  bool quit_ = false;
  std::condition_variable wake_monitor_;
  // Of the monitor's thread alone.
  std::uint64_t seen_ = 0;       // steps at its last look
  std::uint64_t seen_told_ = 0;  // progress that was told until then
  TimePoint since_ = {};         // when either last rose
  TimePoint stopped_at_ = TimePoint::max();
  bool hung_ = false;    // stopped for the time limit: all waits have been said
  std::thread monitor_;  // last: starts when the other members exist
};

}  // namespace shardpipe::cpu
