// The monitor looks at parties that come, wait and go in other threads. Nothing here puts a look
// before or behind what they do, so ThreadSanitizer sees each lock that is missing.
#include <atomic>
#include <thread>

#include "core/backends/cpu/wait_board.h"
#include "tests/support/catch.h"

namespace shardpipe::cpu {
namespace {

// A count that gives no order to what its threads do besides.
class Count {
 public:
  void add() { value_.fetch_add(1, std::memory_order_relaxed); }
  int value() const { return value_.load(std::memory_order_relaxed); }
  // Until another thread has added; not for ever, for it may be held up by this one.
  void see_it_move() const {
    constexpr int kPatience = 20'000;
    const int before = value();
    for (int i = 0; i < kPatience && value() == before; ++i)
      if (i % 100 == 99) std::this_thread::yield();
  }

 private:
  std::atomic<int> value_{0};
};

// Another process that always moves. Streams come and go between any two things that the monitor
// does here: between its last lock and its next look at the list, and behind that look.
class Looker : public OtherProcesses {
 public:
  explicit Looker(const Count& comings) : comings_(comings) {}
  void look(WaitBoard& board) override {
    comings_.see_it_move();
    board.answer();
    comings_.see_it_move();
    board.in_progress();
    looks_.add();
    comings_.see_it_move();
  }
  std::vector<Answer> ask(WaitBoard& board) override {
    comings_.see_it_move();
    return {board.answer(), {0, "moves"}};
  }
  void end(WaitBoard&, const std::string&, ExitCode) override {}
  int looks() const { return looks_.value(); }

 private:
  const Count& comings_;
  Count looks_;
};

}  // namespace

TEST_CASE("streams come, wait and go while the monitor looks") {
  constexpr int kLooks = 40;
  Count comings;
  Looker looker(comings);
  WaitBoard board(1 << 20, 0, &looker);  // every wait is too long: the others are asked, too
  const SpanRecord span = {.name = "test"};
  const auto come_and_go = [&] {  // often: whatever the monitor does, the list changes meanwhile
    while (looker.looks() < kLooks) {
      Party& party = board.add_party(2, "stream", &span);
      comings.add();
      board.leave(party);
      board.remove(party);
    }
  };
  const auto come_wait_and_go = [&](int rank) {
    Signal signal;
    while (looker.looks() < kLooks) {
      Party& party = board.add_party(rank, "stream", &span);
      std::atomic<int> asked{0};
      const std::thread::id self = std::this_thread::get_id();
      const auto late = [&] {
        if (std::this_thread::get_id() != self) comings.see_it_move();  // in the monitor's look
        return asked.fetch_add(1, std::memory_order_relaxed) > 50;
      };
      const auto why = [] { return std::string("for a test"); };
      const int looks = looker.looks();
      for (int i = 0; i < 50 && looker.looks() == looks; ++i) {
        asked = 0;
        board.wait(party, signal, late, why);
        party.enter("a test");
        asked = 0;
        board.poll(party, late, why);
      }
      board.leave(party);
      while (looker.looks() == looks) std::this_thread::yield();  // it is seen to be gone
      board.remove(party);
    }
  };
  std::thread first(come_and_go), second(come_wait_and_go, 1);
  come_wait_and_go(0);
  first.join();
  second.join();
  CHECK(board.answer().waits.empty());
  CHECK(board.in_progress().empty());
}

TEST_CASE("several threads stop a run and ask why: one error, the same for all") {
  WaitBoard board(2, 60);
  const auto stop = [&](const char* why) {
    board.stop(std::make_exception_ptr(std::runtime_error(why)));
    return board.error();
  };
  std::exception_ptr seen_by_other, seen_by_reader;
  std::thread other([&] { seen_by_other = stop("one"); });
  std::thread reader([&] {
    while (seen_by_reader == nullptr) seen_by_reader = board.error();
  });
  const std::exception_ptr seen = stop("two");
  other.join();
  reader.join();
  CHECK(seen != nullptr);
  CHECK(seen == seen_by_other);
  CHECK(seen == seen_by_reader);
}

}  // namespace shardpipe::cpu
