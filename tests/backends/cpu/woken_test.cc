// Whoever waits is woken. A sleeper also looks by itself now and then, so a notification that is
// missing costs only time: here those looks are counted.
#include <atomic>
#include <thread>

#include "core/backends/cpu/stream.h"
#include "tests/support/catch.h"

namespace shardpipe::cpu {
namespace {

constexpr int kTimes = 200;
constexpr std::uint64_t kFew = kTimes / 10;  // a look can come between a condition and its notice

// A stream of a board whose waits sleep soon, because it has more ranks than cores.
struct OneStream {
  RunClock clock = {};
  WaitBoard board{1 << 20, 60};
  Party& program = board.add_party(0, "program");
  Tags tags = {};
  CpuStream stream{tags, "compute", clock, board, 0, program, nullptr, nullptr};

  void submit(std::function<void()> body) {
    stream.submit(OpInfo{.name = "test"}, std::move(body));
  }
  void until_sleeps_are(std::uint64_t count) const {
    while (board.sleeps().all < count) std::this_thread::yield();
  }
};

}  // namespace

TEST_CASE("a stream that sleeps is woken by what is submitted") {
  OneStream one;
  std::atomic<int> done{0};
  for (int i = 0; i < kTimes; ++i) {
    one.until_sleeps_are(static_cast<std::uint64_t>(i) + 1);  // it waits for work once more
    one.submit([&] { done.fetch_add(1); });
    while (done.load() <= i) std::this_thread::yield();
  }
  CHECK(one.board.sleeps().late < kFew);
}

TEST_CASE("a program that sleeps is woken by the event that it waits for") {
  OneStream one;
  for (int i = 0; i < kTimes; ++i) {
    one.submit([&one, before = one.board.sleeps().all] { one.until_sleeps_are(before + 1); });
    one.stream.synchronize();
  }
  CHECK(one.board.sleeps().late < kFew);
}

TEST_CASE("a program that sleeps before a full queue is woken by the room in it") {
  constexpr int kAll = kTimes + 1200;  // more than the queue holds, and then so often again
  OneStream one;
  std::atomic<bool> began{false};
  std::atomic<std::uint64_t> before{std::uint64_t{1} << 60};  // sleeps, before those of the program
  for (int i = 0; i < kAll; ++i) {
    one.submit([&, i] {  // makes room once the program sleeps for want of it
      began = true;
      while (i < kTimes && one.board.sleeps().all <= before + static_cast<std::uint64_t>(i))
        std::this_thread::yield();
    });
    while (!began) std::this_thread::yield();
    if (i == 0) before = one.board.sleeps().all;  // from now on the stream has work
  }
  one.stream.synchronize();
  CHECK(one.board.sleeps().late < kFew);
}

}  // namespace shardpipe::cpu
