// CpuStream: a worker thread with a bounded queue. Races here are those of CUDA.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "core/backends/cpu/wait_board.h"
#include "core/cost/cost_model.h"
#include "core/device/device.h"
#include "core/trace/recorder.h"

namespace shardpipe::cpu {

// Zero of the clock of one run.
class RunClock {
 public:
  RunClock() = default;
  explicit RunClock(std::chrono::steady_clock::time_point start) : start_(start) {}
  std::int64_t now_ns() const {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now() -
                                                                start_)
        .count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

struct CpuEvent : Event::State {
  std::atomic<bool> done{false};
  Signal signal;
};

class CpuStream : public Stream {
 public:
  // program: the party of the thread that submits. links: RunOptions::links. log may be nullptr: no
  // trace.
  CpuStream(const Tags& tags, std::string name, const RunClock& clock, WaitBoard& board, int rank,
            Party& program, const CostModel* links, StreamLog* log);
  ~CpuStream() override;

  Event record() override;
  void wait(const Event& event) override;
  void synchronize() override;

  // For the body that is running now, on the worker thread.
  template <class Ready, class What>
  void wait_in_body(Signal& signal, Ready&& ready, What&& describe) {
    board_.wait(party_, signal, ready, [&] { return describe() + place(); });
  }
  template <class Ready, class What>
  void poll_in_body(Ready&& ready, What&& describe) {
    board_.poll(party_, ready, [&] { return describe() + place(); });
  }
  SpanRecord& current() { return current_; }  // its span: a transport may say when it was ready
  void all_are_here() { met_ns_ = clock_.now_ns(); }  // of a collective: its data may move
  const RunClock& clock() const { return clock_; }

 private:
  // The part of an operation the trace keeps, and what to do.
  struct Task {
    SpanRecord span = {};
    Where where = {};
    std::function<void()> body = {};
    std::shared_ptr<CpuEvent> event = {};
    std::int64_t link_ns = 0;  // what its link takes, at least
    enum class What { operation, record, wait, stop } what = What::stop;
  };
  static constexpr std::uint64_t kCapacity =
      1024;  // then the program waits: queued work is bounded

  void do_submit(OpInfo&& info, std::function<void()> body) override;
  void push(Task task);
  void work();
  void run(Task& task);
  void run_operation(Task& task);
  void run_body(Task& task);
  void hold_until(std::int64_t end_ns);
  void log_end();  // of the operation that was running
  std::string place() const { return " on stream " + name_ + where_.words(" (", ")"); }

  const std::string name_;
  const RunClock& clock_;
  WaitBoard& board_;
  const int rank_;
  Party& program_;
  Party& party_;
  const CostModel* links_;
  StreamLog* log_;
  SpanRecord current_;
  Where where_;  // of the operation that is running
  std::int64_t met_ns_ = 0;
  std::vector<Task> ring_{kCapacity};
  std::atomic<std::uint64_t> pushed_{0}, popped_{0};
  Signal filled_, freed_;
  std::thread worker_;
};

}  // namespace shardpipe::cpu
