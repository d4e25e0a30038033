#include "core/backends/cuda/board.h"

#include <chrono>
#include <thread>

#include "core/base/error.h"

namespace shardpipe::cuda {

std::int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

void Board::wait(int rank, EndedBy ended_by, const std::function<bool()>& step,
                 const std::function<std::string()>& what) {
  try {
    wait_or_throw(rank, ended_by, step, what);
  } catch (...) {
    stop(std::current_exception());
    throw;
  }
}

void Board::wait_or_throw(int rank, EndedBy ended_by, const std::function<bool()>& step,
                          const std::function<std::string()>& what) {
  constexpr std::int64_t kSpin_ns = 1'000'000;  // short waits never sleep
  const std::int64_t start = now_ns();
  std::int64_t last_move = moves_, last_move_at = start;
  for (;;) {
    const std::int64_t before = moves_;
    if (step()) break;
    if (stopped_) fail("stopped, because another rank failed");
    const std::int64_t now = now_ns();
    if (before != last_move) {
      last_move = before;
      last_move_at = now;
    }
    if (now - start < kSpin_ns) {
      std::this_thread::yield();
      continue;
    }
    look_for_deadlock(rank, {.what = what(), .ended_by = ended_by, .polled_at = before},
                      now - last_move_at);
    std::this_thread::sleep_for(std::chrono::microseconds(20));
  }
  const std::lock_guard lock(mutex_);
  places_[static_cast<std::size_t>(rank)].polled_at = -1;
}

void Board::look_for_deadlock(int rank, Place place, std::int64_t still_ns) {
  const std::lock_guard lock(mutex_);
  places_[static_cast<std::size_t>(rank)] = std::move(place);
  if (all_held()) fail(ExitCode::deadlock, sentence("deadlock"));
  if (static_cast<double>(still_ns) * 1e-9 > time_limit_s_)
    fail(ExitCode::deadlock, sentence(text("nothing moved for ", time_limit_s_, " s")));
}

// A rank that polled at the present count of moves and found nothing can only go on after another
// rank has moved. If that is true of all, none ever will.
bool Board::all_held() const {
  for (const Place& place : places_)
    if (!place.finished && (place.polled_at != moves_ || place.ended_by == EndedBy::itself))
      return false;
  return true;
}

std::string Board::sentence(const std::string& why) const {
  std::string all = why + ": ";
  for (std::size_t r = 0; r < places_.size(); ++r) {
    const Place& place = places_[r];
    all += text(r == 0 ? "" : ", ", "rank ", r);
    if (place.finished)
      all += " has returned";
    else if (place.polled_at < 0)
      all += " is in its program";
    else
      all += " " + place.what;
  }
  return all;
}

void Board::finished(int rank) {
  {
    const std::lock_guard lock(mutex_);
    places_[static_cast<std::size_t>(rank)].finished = true;
  }
  moved();
}

void Board::stop(std::exception_ptr error) {
  const std::lock_guard lock(mutex_);
  if (!error_) error_ = error;
  stopped_ = true;
}

void Board::rethrow() const {
  if (error_) std::rethrow_exception(error_);
}

}  // namespace shardpipe::cuda
