// Whoever waits is woken. A sleeper also looks by itself now and then, so a notification that is
// missing costs only time: here those looks are counted.
#include <array>
#include <atomic>
#include <thread>

#include "core/backends/cpu/stream.h"
#include "core/backends/cpu/transport.h"
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

// Two streams that have nothing to do but what a test submits. Each sleeps for want of work before
// an operation, and the first one inside it, too, for it needs the second one's.
struct TwoStreams {
  using Calls = std::function<void(int i, CpuStream&)>;

  explicit TwoStreams(std::vector<int> ranks) {
    for (const int rank : ranks)
      streams.push_back(std::make_unique<CpuStream>(tags, "compute", clock, board, rank, program,
                                                    nullptr, nullptr));
  }
  // kTimes: `first` begins and sleeps, then `second` lets it go on.
  void run(const Calls& first, const Calls& second) {
    const auto submit = [](CpuStream& stream, const Calls& calls, int i) {
      stream.submit(OpInfo{.name = "test"}, [&stream, &calls, i] { calls(i, stream); });
    };
    std::uint64_t sleeps = 0;
    for (int i = 0; i < kTimes; ++i) {
      until_sleeps_are(sleeps += 2);
      submit(*streams[0], first, i);
      until_sleeps_are(++sleeps);
      submit(*streams[1], second, i);
    }
    for (auto& stream : streams) stream->synchronize();
  }
  void until_sleeps_are(std::uint64_t count) const {
    while (board.sleeps().all < count) std::this_thread::yield();
  }

  RunClock clock = {};
  WaitBoard board{1 << 20, 60};
  Party& program = board.add_party(0, "program");
  Tags tags = {};
  std::vector<std::unique_ptr<CpuStream>> streams = {};
};

View view_of(std::array<float, 4>& numbers) {
  return {.data = reinterpret_cast<std::byte*>(numbers.data()), .shape = {4}};
}

// Rank 0's tensor goes to rank 1.
struct Exchange {
  explicit Exchange(bool buffered)
      : sender(registry, registry.world(), 0, buffered),
        receiver(registry, registry.world(), 1, buffered) {}
  TwoStreams::Calls sends() {
    return [this](int i, CpuStream& stream) { run(sender, {Direction::send, 1, sent}, i, stream); };
  }
  TwoStreams::Calls receives() {
    return [this](int i, CpuStream& stream) {
      run(receiver, {Direction::recv, 0, received}, i, stream);
    };
  }
  static void run(CpuTransport& transport, const MessageView& message, int i, CpuStream& stream) {
    transport.run({.kind = OpKind::exchange, .messages = {message}, .turn = i, .sequence = i},
                  stream);
  }

  GroupRegistry registry{2};
  CpuTransport sender, receiver;
  std::array<float, 4> from = {1, 2, 3, 4}, to = {};
  View sent = view_of(from), received = view_of(to);
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

TEST_CASE("a sender that sleeps is woken when its message has been received") {
  Exchange exchange(false);
  TwoStreams streams({0, 1});
  streams.run(exchange.sends(), exchange.receives());
  CHECK(exchange.to == exchange.from);
  CHECK(streams.board.sleeps().late < kFew);
}

TEST_CASE("a receiver that sleeps is woken when a message has come") {
  Exchange exchange(true);
  TwoStreams streams({1, 0});
  streams.run(exchange.receives(), exchange.sends());
  CHECK(exchange.to == exchange.from);
  CHECK(streams.board.sleeps().late < kFew);
}

TEST_CASE("a rank that sleeps in a collective is woken by the last one that comes") {
  GroupRegistry registry(2);
  CpuTransport one(registry, registry.world(), 0, false),
      other(registry, registry.world(), 1, false);
  const auto meets = [](CpuTransport& transport) {
    return [&transport](int i, CpuStream& stream) {
      transport.run({.kind = OpKind::barrier, .turn = i, .sequence = i}, stream);
    };
  };
  TwoStreams streams({0, 1});
  streams.run(meets(one), meets(other));
  CHECK(streams.board.sleeps().late < kFew);
}

TEST_CASE("an operation that sleeps until its turn is woken by the one before it") {
  GroupRegistry registry(1);
  CpuTransport alone(registry, registry.world(), 0, false);
  const auto at_turn = [&](int of_two) {  // an exchange of nothing wakes nobody by itself
    return [&alone, of_two](int i, CpuStream& stream) {
      const int turn = 2 * i + of_two;
      alone.run({.kind = OpKind::exchange, .turn = turn, .sequence = turn}, stream);
    };
  };
  TwoStreams streams({0, 0});
  streams.run(at_turn(1), at_turn(0));
  CHECK(streams.board.sleeps().late < kFew);
}

}  // namespace shardpipe::cpu
