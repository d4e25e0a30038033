// The message pass: nothing hangs in one total order, and what hangs without it.
#include "core/schedule/messages.h"

#include "core/base/error.h"
#include "core/schedule/builders.h"
#include "core/schedule/checker.h"
#include "tests/schedule/closed_forms.h"
#include "tests/support/catch.h"

namespace shardpipe {
namespace {

std::string first_line(const std::string& answer) { return answer.substr(0, answer.find('\n')); }

Program program_of(const char* name, int p, int m, int v = 1) {
  return insert_messages(build_schedule(name, p, m, v));
}

// Where the n-th exchange of a rank stands.
std::size_t exchange_at(const Program& program, std::size_t rank, int n) {
  for (std::size_t i = 0; i < program.ranks[rank].size(); ++i)
    if (!program.ranks[rank][i].is_compute && n-- == 0) return i;
  throw std::out_of_range("no such exchange");
}

void swap_exchanges(Program& program, std::size_t rank, int a, int b) {
  std::swap(program.ranks[rank][exchange_at(program, rank, a)],
            program.ranks[rank][exchange_at(program, rank, b)]);
}

void erase_exchange(Program& program, std::size_t rank, int n) {
  auto& steps = program.ranks[rank];
  steps.erase(steps.begin() + static_cast<std::ptrdiff_t>(exchange_at(program, rank, n)));
}

std::size_t num_transfers(const Program& program) {
  std::size_t transfers = 0;
  for (const auto& steps : program.ranks)
    for (const Step& step : steps) transfers += step.transfers.size();
  return transfers;
}

}  // namespace

TEST_CASE("after every pass, for every schedule and size, the program is right and ends") {
  for (const std::string& name : schedule_names())
    for (const Size& s : valid_sizes(name)) {
      if (s.m > 24 || s.v > 3) continue;
      INFO(name << " p=" << s.p << " m=" << s.m << " v=" << s.v);
      const Schedule schedule = build_schedule(name, s.p, s.m, s.v);
      const Program program = insert_messages(schedule), grouped = group_messages(program);
      if (const auto wrong = check_program(program); !wrong.empty()) FAIL(wrong);
      if (const auto wrong = check_program(grouped); !wrong.empty()) FAIL("grouped: " << wrong);
      const Schedule split = split_backward(schedule);
      if (const auto wrong = check_schedule(split); !wrong.empty()) FAIL("split: " << wrong);
      CHECK(num_transfers(grouped) == num_transfers(program));
    }
}

TEST_CASE("splitting every backward and passing messages end, too") {
  for (const char* name : {"gpipe", "1f1b", "interleaved_1f1b", "looped_bfs"})
    for (const Size& s : valid_sizes(name)) {
      if (s.m > 8 || s.v > 2) continue;
      const Schedule split = split_backward(build_schedule(name, s.p, s.m, s.v));
      if (const auto wrong = check_program(insert_messages(split)); !wrong.empty()) FAIL(wrong);
    }
  CHECK(to_string(split_backward(build_schedule("1f1b", 2, 2, 1)).ranks[1][2]) == "1W0");
}

TEST_CASE("each rank by itself: 1f1b hangs in 161 of 168 sizes, all but those of one micro-batch") {
  int hangs = 0, sizes = 0;
  for (int p = 2; p <= 8; ++p)
    for (int m = 1; m <= 24; ++m) {
      const bool hangs_here =
          !check_program(insert_messages_locally(build_schedule("1f1b", p, m, 1))).empty();
      ++sizes;
      hangs += hangs_here ? 1 : 0;
      CHECK(hangs_here == (m > 1));
    }
  CHECK(sizes == 168);
  CHECK(hangs == 161);
}

TEST_CASE("the sentence names the whole circle, and the place") {
  CHECK(
      check_program(insert_messages_locally(build_schedule("1f1b", 2, 2, 1))) ==
      "rank 0 sends activation 1 to rank 1, rank 1 sends gradient 0 to rank 0: each waits for the "
      "other\n"
      "  rank 0  0F0 1a0>1 0F1 [1a1>1] 0g0<1 0B0 0g1<1 0B1\n"
      "  rank 1  1a0<0 1F0 1B0 [0g0>0] 1a1<0 1F1 1B1 0g1>0\n"
      "[ ]: where the rank waits; 1a0>1: activation of micro-batch 0 into stage 1, to rank 1; g: "
      "gradient; <: from\n");
  CHECK(
      first_line(
          check_program(insert_messages_locally(build_schedule("interleaved_1f1b", 3, 3, 2)))) ==
      "rank 0 sends activation 2 into stage 1 to rank 1, rank 1 sends activation 1 into stage 2 to "
      "rank 2, rank 2 sends activation 0 into stage 3 to rank 0: each waits for the next");
}

TEST_CASE("messages that all go one way never hang") {
  for (const char* name : {"gpipe", "naive", "forward_only"})
    for (int p = 2; p <= 8; ++p)
      for (int m = 1; m <= 24; ++m)
        if (!check_program(insert_messages_locally(build_schedule(name, p, m, 1))).empty())
          FAIL(name << " p=" << p << " m=" << m);
}

TEST_CASE("grouping neighbours saves 1f1b written locally, but not what goes around in a ring") {
  const auto hangs = [](const char* name, int p, int m, int v) {
    return !check_program(group_messages(insert_messages_locally(build_schedule(name, p, m, v))))
                .empty();
  };
  for (int p = 2; p <= 8; ++p)
    for (int m = 1; m <= 24; ++m) CHECK_FALSE(hangs("1f1b", p, m, 1));
  CHECK(hangs("interleaved_1f1b", 4, 8, 2));
  CHECK(hangs("looped_bfs", 4, 8, 2));
}

TEST_CASE("a transfer crosses ranks; the turn of a V stays") {
  CHECK(num_transfers(program_of("1f1b", 4, 8)) / 2 == 2 * 3 * 8);
  CHECK(num_transfers(program_of("forward_only", 4, 8)) / 2 == 3 * 8);
  CHECK(num_transfers(program_of("interleaved_1f1b", 4, 8, 2)) / 2 == 2 * 7 * 8);
  CHECK(num_transfers(program_of("zb_v", 4, 8, 2)) / 2 == 2 * 6 * 8);
  CHECK(num_transfers(program_of("1f1b", 1, 8)) == 0);
  const Step first = program_of("1f1b", 2, 2).ranks[1][0];
  CHECK(first.transfers == std::vector<Transfer>{{Payload::activation, 1, 0, 0, 1}});
}

TEST_CASE("grouping makes one exchange of neighbours") {
  const Program grouped = group_messages(program_of("1f1b", 2, 4));
  for (const auto& steps : grouped.ranks)
    for (std::size_t i = 1; i < steps.size(); ++i)
      CHECK((steps[i].is_compute || steps[i - 1].is_compute));
  std::size_t most = 0;
  for (const Step& step : grouped.ranks[0]) most = std::max(most, step.transfers.size());
  CHECK(most == 2);
}

TEST_CASE("planted: messages out of order, lost, doubled, early, late") {
  const Program right = program_of("1f1b", 2, 4);
  REQUIRE(check_program(right).empty());

  Program p = right;  // rank 1 posts the receives of activations 0 and 1 in the other order
  swap_exchanges(p, 1, 0, 1);
  CHECK(first_line(check_program(p)) ==
        "rank 1 computes 1F0 before it has received activation 0 from rank 0");

  p = program_of("gpipe", 2, 4);  // both early enough, only the order is wrong
  std::swap(p.ranks[1][1], p.ranks[1][2]);
  swap_exchanges(p, 1, 0, 1);
  CHECK(first_line(check_program(p)) ==
        "rank 0 sends activation 0 to rank 1, which receives activation 1 then");

  p = right;
  erase_exchange(p, 0, 0);
  CHECK(first_line(check_program(p)) ==
        "rank 0 sends activation 1 to rank 1, which receives activation 0 then");
  p = right;
  erase_exchange(p, 1, 0);
  CHECK(first_line(check_program(p)) ==
        "rank 1 computes 1F0 before it has received activation 0 from rank 0");
  p = right;
  erase_exchange(p, 1, 7);  // the last gradient is never sent
  CHECK(first_line(check_program(p)) == "rank 0 receives gradient 3 from rank 1, rank 1 has ended");

  p = right;
  p.ranks[0].insert(p.ranks[0].begin(), p.ranks[0][1]);
  CHECK(first_line(check_program(p)) == "rank 0 sends activation 0 before it has computed it");
  p = right;
  p.ranks[1].insert(p.ranks[1].begin(), p.ranks[1][0]);
  CHECK(first_line(check_program(p)) == "rank 1 receives activation 0 twice");
  p = right;
  p.ranks[1][0].transfers[0].from = 1;
  CHECK(first_line(check_program(p)) ==
        "rank 1 has activation 0 from rank 1 to rank 1, and it goes from rank 0 to rank 1");
  p = right;
  p.ranks[1][0].transfers[0].stage = 9;
  CHECK(first_line(check_program(p)) ==
        "rank 1 has a transfer of activation 0 into stage 9, which the schedule does not have");
  p = right;
  std::swap(p.ranks[0][0].action.microbatch, p.schedule.ranks[0][1].microbatch);
  CHECK_FALSE(check_program(p).empty());
  p = right;
  p.ranks[0].pop_back();
  CHECK(first_line(check_program(p)) == "rank 0 ends before 0B3");
}

TEST_CASE("a transfer into a stage or of a micro-batch that there is not: each bound by itself") {
  const auto said = [](const Transfer& t) {
    Program p = program_of("1f1b", 2, 4);
    p.ranks[0].insert(p.ranks[0].begin(), Step{.is_compute = false, .transfers = {t}});
    return first_line(check_program(p));
  };
  const auto is_unknown = [&](Payload payload, int stage, int microbatch) {
    return said({payload, stage, microbatch, 0, 1}).find("which the schedule does not have") !=
           std::string::npos;
  };
  const Payload a = Payload::activation, g = Payload::gradient;
  CHECK_FALSE(is_unknown(a, 1, 0));
  CHECK_FALSE(is_unknown(a, 1, 3));
  CHECK_FALSE(is_unknown(g, 0, 0));
  CHECK(is_unknown(a, 0, 0));  // nobody is in front of the first stage
  CHECK(is_unknown(a, -1, 0));
  CHECK(is_unknown(a, 2, 0));
  CHECK(is_unknown(g, 1, 0));  // nor behind the last one
  CHECK(is_unknown(g, 2, 0));
  CHECK(is_unknown(g, -1, 0));
  CHECK(is_unknown(a, 1, -1));
  CHECK(is_unknown(a, 1, 4));
}

TEST_CASE("planted: a transfer between the wrong ranks, one end at a time") {
  const auto with = [](Program p, std::size_t rank, const Transfer& t) {
    p.ranks[rank][0].transfers[0] = t;
    return first_line(check_program(p));
  };
  const Program p = program_of("1f1b", 3, 4);
  const auto a = Payload::activation;
  CHECK(with(p, 1, {a, 1, 0, 2, 1}) ==
        "rank 1 has activation 0 from rank 2 to rank 1, and it goes from rank 0 to rank 1");
  CHECK(with(p, 1, {a, 2, 0, 1, 0}) ==
        "rank 1 has activation 0 from rank 1 to rank 0, and it goes from rank 1 to rank 2");
  CHECK(with(p, 2, {a, 1, 0, 0, 1}) ==
        "rank 2 has activation 0 from rank 0 to rank 1, and it goes from rank 0 to rank 1");
  // Where a V turns, stages 1 and 2 are of one rank.
  CHECK(with(program_of("zb_v", 2, 4, 2), 1, {a, 2, 0, 1, 1}) ==
        "rank 1 has activation 0 into stage 2 from rank 1 to rank 1, "
        "and it goes from rank 1 to rank 1");
}

TEST_CASE("no messages for a schedule that is wrong") {
  Schedule s = build_schedule("1f1b", 2, 2, 1);
  s.ranks[0].pop_back();
  CHECK_THROWS_AS(insert_messages(s), Error);
}

}  // namespace shardpipe
