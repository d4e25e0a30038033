// A board listens to each of the other processes, whichever place its answer has.
#include <cstdio>
#include <cstdlib>
#include <limits>

#include "core/backends/cpu/wait_board.h"
#include "tests/support/in_child.h"

namespace shardpipe::cpu {
namespace {

constexpr double kEver = std::numeric_limits<double>::infinity();

// Three processes: what they answer when asked first, and then.
struct Rounds {
  std::vector<Answer> first, then;
};

class Three : public OtherProcesses {
 public:
  explicit Three(const Rounds& rounds) : rounds_(rounds) {}
  void look(WaitBoard&) override {}
  std::vector<Answer> ask(WaitBoard&) override {
    return ++asked_ == 1 ? rounds_.first : rounds_.then;
  }
  void end(WaitBoard&, const std::string& sentence, ExitCode code) override {
    std::fprintf(stderr, "asked %d times: %s\n", asked_, sentence.c_str());
    std::_Exit(static_cast<int>(code));
  }

 private:
  const Rounds rounds_;
  int asked_ = 0;
};

std::vector<Answer> all_wait() {
  return {
      {kEver, "rank 0 waits for 1"}, {kEver, "rank 1 waits for 2"}, {kEver, "rank 2 waits for 0"}};
}

Ended failed(const Rounds& rounds) {
  return in_child([&] {
    Three three(rounds);
    WaitBoard board(1, 60, &three);
    Party& program = board.add_party(0, "program");
    board.stop_because_of(0, std::make_exception_ptr(Error("odd", ExitCode::wrong, Where::here())));
    board.poll(
        program, [] { return false; }, [] { return std::string("for rank 1"); });
  });
}

}  // namespace

TEST_CASE("after a failure all but one are waited for until they wait, and all are named") {
  for (std::size_t waits = 0; waits < 3; ++waits) {
    Rounds rounds = {all_wait(), all_wait()};
    for (std::size_t i = 0; i < 3; ++i)
      if (i != waits) rounds.first[i].waits = text("rank ", i, " is inside gemm");
    CHECK(
        failed(rounds).words ==
        "asked 2 times: rank 0: odd; rank 0 waits for 1; rank 1 waits for 2; rank 2 waits for 0\n");
  }
  for (std::size_t busy = 0; busy < 3; ++busy) {  // the one that failed
    Rounds rounds = {all_wait(), all_wait()};
    rounds.first[busy].waits = text("rank ", busy, " is inside gemm");
    CHECK(failed(rounds).words.find("asked 1 times: ") == 0);
  }
}

}  // namespace shardpipe::cpu
