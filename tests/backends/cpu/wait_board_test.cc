// What holds while several threads wait at once: the monitor may look at any moment (under
// ThreadSanitizer).
#include "core/backends/cpu/wait_board.h"

#include <atomic>
#include <thread>

#include "tests/support/catch.h"

namespace shardpipe {
namespace {

// Counts the monitor's looks.
class Looks : public cpu::OtherProcesses {
 public:
  void look(cpu::WaitBoard&) override { ++count_; }
  std::vector<cpu::Answer> ask(cpu::WaitBoard& board) override { return {board.answer()}; }
  void end(cpu::WaitBoard&, const std::string&, ExitCode) override {}
  int count() const { return count_; }

 private:
  std::atomic<int> count_{0};
};

}  // namespace

TEST_CASE("parties come, wait and go while the monitor looks") {
  Looks looks;
  cpu::WaitBoard board(1, 60, &looks);
  const auto live = [&](int rank) {
    cpu::Signal signal;
    while (looks.count() < 5) {
      cpu::Party& party = board.add_party(rank, "stream");
      int asked = 0;
      board.poll(
          party, [&] { return ++asked > 300; }, [&] { return std::string("for others"); });
      board.wait(
          party, signal, [&] { return true; }, [] { return std::string("for nothing"); });
      board.answer();
      board.in_progress();
      board.leave(party);
      board.remove(party);
    }
  };
  std::thread other([&] { live(1); });
  live(0);
  other.join();
  CHECK(board.answer().waits.empty());
}

TEST_CASE("the first error stays, whoever fails and asks meanwhile") {
  for (int round = 0; round < 50; ++round) {
    cpu::WaitBoard board(1, 60);  // with other processes the monitor would end this one
    const auto fail_as = [&](const char* what) {
      board.stop(std::make_exception_ptr(Error(what, ExitCode::wrong, Where::here())));
      CHECK(board.error() != nullptr);
    };
    std::thread other([&] { fail_as("second"); });
    fail_as("first");
    other.join();
    const std::exception_ptr error = board.error();
    fail_as("third");
    CHECK(board.error() == error);
  }
}

}  // namespace shardpipe
