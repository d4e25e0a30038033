// Board: what the host threads of one run share: has anything moved, what does each rank wait for,
// what failed first. Every wait of a rank's thread goes through wait(), so none is endless.
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

namespace shardpipe::cuda {

std::int64_t now_ns();  // steady clock: one clock for all threads of a host

// Who can end a wait: only the other ranks, or the GPU (or a library's own threads) without them.
enum class EndedBy : bool { ranks, itself };

class Board {
 public:
  Board(int ranks, double time_limit_s)
      : places_(static_cast<std::size_t>(ranks)), time_limit_s_(time_limit_s) {}

  // Something happened that another rank may wait for: call it after the change is visible.
  void moved() { ++moves_; }

  // Calls `step` until it says true. `what` tells a person, "waits for ..". Throws Error(deadlock),
  // which names each rank's wait,
  //   * at once, if all ranks wait for ranks and nothing has moved since each of them looked;
  //   * after the time limit without a move anywhere;
  // and an Error when another rank failed. Whatever it throws also stops the run.
  void wait(int rank, EndedBy ended_by, const std::function<bool()>& step,
            const std::function<std::string()>& what);

  void finished(int rank);              // its program has returned
  void stop(std::exception_ptr error);  // the first error wins; all waits end
  bool stopped() const { return stopped_; }
  void rethrow() const;  // after all threads have ended

 private:
  struct Place {
    std::string what = {};
    EndedBy ended_by = EndedBy::itself;
    std::int64_t polled_at = -1;  // moves_ before a poll that found nothing; -1: not waiting
    bool finished = false;
  };
  void wait_or_throw(int rank, EndedBy ended_by, const std::function<bool()>& step,
                     const std::function<std::string()>& what);
  void look_for_deadlock(int rank, Place place, std::int64_t still_ns);
  bool all_held() const;
  std::string sentence(const std::string& why) const;

  mutable std::mutex mutex_;
  std::vector<Place> places_;
  double time_limit_s_;
  std::atomic<std::int64_t> moves_ = 0;
  std::atomic<bool> stopped_ = false;
  std::exception_ptr error_;
};

}  // namespace shardpipe::cuda
