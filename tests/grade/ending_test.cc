// How a failed run is told, and what two spellings of one mistake have in common.
#include "labs/grade/ending.h"

#include "tests/support/catch.h"

namespace shardpipe {
namespace {

Ending of(const std::string& said, ExitCode code = ExitCode::crash, bool is_modelled = true) {
  return ending_of(Error(said, code, Where{}), is_modelled);
}

const std::string kDeadlock =
    "deadlock: rank 0 waits for rank 1, which waits for rank 0. rank 0 waits in exchange #0 "
    "(send 8 bytes to rank 1) of group tp[0,1] (stream compute, mine/day01_exchange.cc:30); rank 1 "
    "waits in exchange #0 (send 8 bytes to rank 0) of group tp[0,1] (stream compute, "
    "mine/day01_exchange.cc:30)";

std::string replaced(std::string in, const std::string& what, const std::string& by) {
  for (std::size_t at = in.find(what); at != std::string::npos; at = in.find(what, at + by.size()))
    in.replace(at, what.size(), by);
  return in;
}

}  // namespace

TEST_CASE("ending: a deadlock is a sentence and a line for each rank's wait") {
  const Ending ending = of(kDeadlock, ExitCode::deadlock);
  CHECK(ending.said == "deadlock: rank 0 waits for rank 1, which waits for rank 0");
  REQUIRE(ending.picture.size() == 2);
  CHECK(ending.picture[1].rfind("rank 1 waits in exchange #0", 0) == 0);
}

TEST_CASE("ending: file and line are no part of the signature, whoever wrote the answer") {
  const std::string mine = of(kDeadlock, ExitCode::deadlock).signature;
  for (const char* other : {"mine/day01_exchange.cc:44", "P2P-ALL-SEND-FIRST:30", "A.2:1"})
    CHECK(
        of(replaced(kDeadlock, "mine/day01_exchange.cc:30", other), ExitCode::deadlock).signature ==
        mine);
  CHECK(of(replaced(kDeadlock, "8 bytes", "4 bytes"), ExitCode::deadlock).signature != mine);
}

TEST_CASE("ending: the grader's own barrier is not mentioned") {
  CHECK(of("rank 0: x (after barrier #0 of world[0,1], run_rank.cc:20)").said == "rank 0: x");
  CHECK(of("rank 0: x (after exchange #0 of tp[0,1], a.cc:20)").said ==
        "rank 0: x (after exchange #0 of tp[0,1], a.cc:20)");
}

TEST_CASE("ending: which rank failed first is no part of the signature of a run with threads") {
  const auto signature = [](const std::string& said, bool is_modelled) {
    return of(said, ExitCode::crash, is_modelled).signature;
  };
  CHECK(signature("rank 0: bad", false) == signature("rank 2: bad", false));
  CHECK(signature("rank 0: bad", true) != signature("rank 2: bad", true));
}

}  // namespace shardpipe
