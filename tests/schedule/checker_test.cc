// What is wrong with a schedule, in one sentence; for ranks that wait for each other, the whole
// circle.
#include "core/schedule/checker.h"

#include "core/base/error.h"
#include "core/schedule/builders.h"
#include "core/schedule/simulator.h"
#include "core/schedule/text.h"
#include "tests/schedule/closed_forms.h"
#include "tests/support/catch.h"
#include "tests/support/refuses.h"

namespace shardpipe {
namespace {

// The first line of what the check says of a schedule given as CSV.
std::string verdict(const std::string& csv) {
  const std::string answer = check_schedule(from_csv(csv, "test"));
  return answer.substr(0, answer.find('\n'));
}

}  // namespace

TEST_CASE("every schedule of every size is right") {
  for (const std::string& name : schedule_names())
    for (const Size& s : valid_sizes(name)) {
      const std::string wrong = check_schedule(build_schedule(name, s.p, s.m, s.v));
      if (!wrong.empty()) FAIL(name << " p=" << s.p << " m=" << s.m << ": " << wrong);
    }
}

TEST_CASE("what is missing, twice, or on two ranks") {
  CHECK(verdict("0F0,0B0\n1F0,1B0") == "");
  CHECK(verdict("0F0\n1F0") == "");  // inference
  CHECK(verdict("0F0,0B0\n1F0") ==
        "no rank has 1B0 or its halves 1I0 and 1W0 (each needs F and B, or F, I and W, once)");
  CHECK(verdict("0B0\n1F0,1B0") == "no rank has 0F0 (each needs F and B, or F, I and W, once)");
  CHECK(verdict("0F0,0I0\n1F0,1B0") == "no rank has 0W0 (each needs F and B, or F, I and W, once)");
  CHECK(verdict("0F0,0W0\n1F0,1B0") == "no rank has 0I0 (each needs F and B, or F, I and W, once)");
  CHECK(verdict("0F0,0B0,0I0\n1F0,1B0") ==
        "0B0 computes both gradients, and there is 0I0 besides (each needs F and B, or F, I and W, "
        "once)");
  CHECK(verdict("0F0,0F0,0B0\n1F0,1B0") == "rank 0 has 0F0 twice");
  CHECK(verdict("0F0,1B0\n1F0,0B0") == "stage 1 of micro-batch 0 is on rank 0, and rank 1 has 1F0");
  CHECK(verdict("0F0,0B0\n1F0,1B0\n\n2F0,2B0,3F0,3B0") == "rank 2 computes nothing");
}

TEST_CASE("what stands in the wrong order on one rank") {
  CHECK(verdict("0B0,0F0\n1F0,1B0") == "rank 0 has 0B0 before 0F0, which it needs");
  CHECK(verdict("0F0,0W0,0I0\n1F0,1B0") == "rank 0 has 0W0 before 0I0, which it needs");
  CHECK(verdict("1F0,0F0,1B0,0B0") == "rank 0 has 1F0 before 0F0, which it needs");
  CHECK(verdict("0F0,1F0,0B0,1B0") == "rank 0 has 0B0 before 1B0, which it needs");
}

TEST_CASE("ranks that wait for each other: the circle, and the place") {
  const Schedule s = from_csv("0F0,0B0,0F1,0B1\n1F1,1F0,1B1,1B0", "test");
  CHECK(check_schedule(s) ==
        "rank 0 at 0B0 waits for 1B0 of rank 1, rank 1 at 1F1 waits for 0F1 of rank 0: each waits "
        "for "
        "the other\n"
        "  rank 0  0F0 [0B0] 0F1 0B1\n"
        "  rank 1  [1F1] 1F0 1B1 1B0\n"
        "[ ]: where the rank waits\n");
  // Rank 0 waits for a circle that it is not part of.
  CHECK(verdict("0F0,0F1,0B0,0B1\n1F0,1F1,1B0,1B1\n2F0,2B0,2F1,2B1\n3F1,3F0,3B0,3B1") ==
        "rank 2 at 2B0 waits for 3B0 of rank 3, rank 3 at 3F1 waits for 2F1 of rank 2: each waits "
        "for "
        "the other");
  CHECK(refuses("rank 0 at 0B0 waits for 1B0 of rank 1", [&] { simulate(s, {}); }));
}

TEST_CASE("a block is an F and a B that does not need it") {
  const auto block = [](const char* row) {
    return verdict(std::string(row) + "\n1F0,1B0,1F1,1B1");
  };
  CHECK(block("0F0,(0F1;0B0)OVERLAP_F_B,0B1") == "");
  CHECK(block("0F1,(0F0;0B0)OVERLAP_F_B,0B1").find("rank 0 has 0F0 in one block with") == 0);
  CHECK(block("0F0,(0B0;0F1)OVERLAP_F_B,0B1").find("rank 0 has 0B0 in one block with") == 0);
  CHECK(block("0F0,(0F1;0I0)OVERLAP_F_B,0W0,0B1").find("rank 0 has 0F1 in one block with") == 0);
  // In a block 0F1 waits for what 0B0 waits for; one after the other, this order is right.
  const std::string rank_1 = "\n1F0,1F1,1B0,1B1";
  CHECK(verdict("0F0,0F1,0B0,0B1" + rank_1) == "");
  CHECK(verdict("0F0,(0F1;0B0)OVERLAP_F_B,0B1" + rank_1) ==
        "rank 0 at 0B0 waits for 1B0 of rank 1, rank 1 at 1F1 waits for 0F1 of rank 0: each waits "
        "for "
        "the other");
}

TEST_CASE("a block starts with the later of its inputs and ends as one") {
  const Schedule s = from_csv("0F0,(0F1;0B0)OVERLAP_F_B,0B1\n1F0,1B0,1F1,1B1", "test");
  const Timing t = simulate(s, {});
  CHECK(t.ranks[0][1].start == 4);  // when 1B0 has ended
  CHECK(t.ranks[0][1].end == 7);
  CHECK(t.ranks[0][2].start == 4);
  CHECK(t.ranks[0][2].end == 7);
  CHECK(t.ranks[1][2].start == 7);  // 1F1 waits for the whole block
  CHECK(t.makespan == 12);
}

}  // namespace shardpipe
