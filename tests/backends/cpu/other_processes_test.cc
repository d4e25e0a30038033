// Where ranks are processes, a board asks the others before it calls a wait a hang.
#include <cstdio>
#include <cstdlib>
#include <limits>

#include "core/backends/cpu/wait_board.h"
#include "core/base/progress.h"
#include "tests/support/in_child.h"

namespace shardpipe {
namespace {

// Another rank that moves until it has been asked three times.
class Other : public cpu::OtherProcesses {
 public:
  void look(cpu::WaitBoard&) override {}
  std::vector<cpu::Answer> ask(cpu::WaitBoard& board) override {
    const double idle_s = ++asked_ < 3 ? 0.0 : std::numeric_limits<double>::infinity();
    return {board.answer(), {idle_s, "rank 1 waits for the moon"}};
  }
  void end(cpu::WaitBoard&, const std::string& sentence, ExitCode code) override {
    std::fprintf(stderr, "asked %d times: %s\n", asked_, sentence.c_str());
    std::_Exit(static_cast<int>(code));
  }

 private:
  int asked_ = 0;
};

}  // namespace

TEST_CASE("a wait for another process is a hang once no process has moved for the limit") {
  const Ended ended = in_child([] {
    Other other;
    cpu::WaitBoard board(1, 0.1, &other);
    cpu::Party& program = board.add_party(0, "program");
    board.poll(
        program, [] { return false; }, [] { return std::string("for rank 1"); });
  });
  INFO(ended.words);
  CHECK(ended.code == 4);
  CHECK(
      ended.words ==
      "asked 3 times: no progress for 0.1 s: rank 0 waits for rank 1; rank 1 waits for the moon\n");
}

TEST_CASE("whichever process moves last is waited for, and all say what they wait for") {
  // Three answers: all but one have not moved for long; the one that has is first, then last.
  class Three : public cpu::OtherProcesses {
   public:
    void look(cpu::WaitBoard&) override {}
    std::vector<cpu::Answer> ask(cpu::WaitBoard&) override {
      const double long_ago = std::numeric_limits<double>::infinity();
      std::vector<cpu::Answer> all = {
          {long_ago, "rank 0 waits a"}, {long_ago, "rank 1 waits b"}, {long_ago, "rank 2 waits c"}};
      if (asked_ < 3) all[static_cast<std::size_t>(asked_)].idle_s = 0;
      ++asked_;
      return all;
    }
    void end(cpu::WaitBoard&, const std::string& sentence, ExitCode code) override {
      std::fprintf(stderr, "asked %d times: %s\n", asked_, sentence.c_str());
      std::_Exit(static_cast<int>(code));
    }

   private:
    int asked_ = 0;
  };
  const Ended ended = in_child([] {
    Three others;
    cpu::WaitBoard board(1, 0.05, &others);
    cpu::Party& program = board.add_party(0, "program");
    board.poll(
        program, [] { return false; }, [] { return std::string("for rank 1"); });
  });
  CHECK(ended.code == 4);
  CHECK(ended.words ==
        "asked 4 times: no progress for 0.05 s: rank 0 waits a; rank 1 waits b; rank 2 waits c\n");
}

TEST_CASE("who tells of progress is not taken for a hang") {
  // Tells in its first 30 looks, which take longer than the limit, and is asked only after that.
  class Teller : public cpu::OtherProcesses {
   public:
    void look(cpu::WaitBoard&) override {
      if (++looks_ <= 30) tell_progress();
    }
    std::vector<cpu::Answer> ask(cpu::WaitBoard& board) override {
      std::fprintf(stderr, looks_ > 30 ? "asked late\n" : "asked early\n");
      return {board.answer()};
    }
    void end(cpu::WaitBoard&, const std::string&, ExitCode code) override {
      std::_Exit(static_cast<int>(code));
    }

   private:
    int looks_ = 0;
  };
  const Ended ended = in_child([] {
    Teller teller;
    cpu::WaitBoard board(1, 0.1, &teller);
    cpu::Party& program = board.add_party(0, "program");
    board.poll(
        program, [] { return false; }, [] { return std::string("for rank 1"); });
  });
  CHECK(ended.code == 4);
  CHECK(ended.words == "asked late\n");
}

TEST_CASE("steps of one board are progress for whoever waits for its process") {
  const std::uint64_t before = progress_told();
  Other other;
  cpu::WaitBoard board(1, 60, &other);
  cpu::Party& program = board.add_party(0, "program");
  for (std::uint64_t told = before; told == before; told = progress_told())
    program.enter("something");  // until the monitor has looked
}

TEST_CASE("a program says what it does where that is no run") {
  Other other;
  cpu::WaitBoard board(1, 60, &other);
  cpu::Party& program = board.add_party(3, "program");
  CHECK(board.answer().waits == "rank 3 is inside its program");
  program.enter("its program, outside of runs");
  CHECK(board.answer().waits == "rank 3 is inside its program, outside of runs");
  board.remove(program);
  CHECK(board.answer().waits.empty());
}

TEST_CASE("a wait that ended with an exception is not described any more") {
  Other other;
  cpu::WaitBoard board(1, 60, &other);
  cpu::Party& program = board.add_party(0, "program");
  int looks = 0;
  const auto throws_late = [&] {  // when it polls, behind the spins
    if (++looks > 400) fail("the wrong size came");
    return false;
  };
  CHECK_THROWS_AS(board.poll(program, throws_late, [] { return std::string("for rank 1"); }),
                  Error);
  CHECK(board.answer().waits.find("waits") == std::string::npos);
}

TEST_CASE("an error of this process ends all, with what the others wait for; bad input alone") {
  auto fails_with = [](ExitCode code) {
    return in_child([code] {
      Other other;
      cpu::WaitBoard board(1, 60, &other);
      cpu::Party& program = board.add_party(0, "program");
      board.stop_because_of(0, std::make_exception_ptr(Error("odd", code, Where::here())));
      board.poll(
          program, [] { return false; }, [] { return std::string("for rank 1"); });
    });
  };
  const Ended failed = fails_with(ExitCode::wrong), usage = fails_with(ExitCode::usage);
  CHECK(failed.code == 1);
  CHECK(failed.words.find("asked 1 times: rank 0: odd; ") == 0);
  CHECK(failed.words.find("rank 1 waits for the moon") != std::string::npos);
  CHECK(usage.code == 2);
  CHECK(usage.words == "asked 0 times: odd\n");
}

}  // namespace shardpipe
