// The grader of schedule builders: what right ones and wrong ones get, and what is said of them.
#include "labs/grade/schedule_cases.h"

#include <algorithm>
#include <stdexcept>

#include "core/base/error.h"
#include "core/schedule/builders.h"
#include "exercises/not_written.h"
#include "labs/grade/day06/one_f_one_b.h"
#include "tests/support/catch.h"

namespace shardpipe {
namespace {

// Graded as 1F1B of 3 ranks and 6 micro-batches.
Trial graded_as_1f1b(std::function<std::vector<Action>(int rank)> order) {
  ScheduleCase c = one_f_one_b_case({3, 6});
  c.order = std::move(order);
  return run_schedule_cases({c});
}

// A right 1F1B of this size after a change.
template <class Change>
Trial graded_with(Change change) {
  Schedule schedule = build_schedule("1f1b", 3, 6, 1);
  change(schedule.ranks);
  return graded_as_1f1b([&](int rank) { return schedule.ranks[static_cast<std::size_t>(rank)]; });
}

using Orders = std::vector<std::vector<Action>>;

std::string said(const Trial& trial) {
  return trial.findings.empty() ? "" : trial.findings[0].said;
}

bool is_in(const std::string& part, const std::vector<std::string>& lines) {
  return std::any_of(lines.begin(), lines.end(),
                     [&](auto& line) { return line.find(part) != std::string::npos; });
}

// Limits taken from the schedule itself: whether the machine judges what it should.
ScheduleCase case_of(const std::string& name, int p, int m) {
  ScheduleCase c{.name = name, .right = build_schedule(name, p, m, default_chunks(name))};
  c.costs = {{1, 1, 1, 0}, {2, 1, 1, 0}};
  c.makespan = [right = c.right](const Costs& costs) { return simulate(right, costs).makespan; };
  c.held = [right = c.right](int rank) {
    return simulate(right, {}).peak_in_flight[static_cast<std::size_t>(rank)];
  };
  c.order = [right = c.right](int rank) { return right.ranks[static_cast<std::size_t>(rank)]; };
  return c;
}

}  // namespace

TEST_CASE("the schedules of the kit are right, whatever their shape") {
  for (const std::string& name : schedule_names()) {
    const Trial trial = run_schedule_cases({case_of(name, 4, 8)});
    INFO(name << ": " << said(trial));
    CHECK(trial.right());
    CHECK(trial.checks == 6);  // asked, legal, its program, two costs, held
  }
}

TEST_CASE("1f1b fits its limits for every size") {
  for (int p = 1; p <= 6; ++p)
    for (int m = 1; m <= 14; ++m) {
      const Trial trial = judge_1f1b(build_schedule("1f1b", p, m, 1), {p, m});
      INFO(p << " ranks, " << m << ": " << said(trial));
      CHECK(trial.right());
    }
}

TEST_CASE("ranks that wait for ever earn nothing, and the place is shown") {
  const Trial trial = graded_with([](Orders& ranks) { std::swap(ranks[2][0], ranks[2][1]); });
  CHECK(said(trial) == "rank 2 has 2B0 before 2F0, which it needs (3 ranks, 6 micro-batches)");
  CHECK(trial.code == ExitCode::deadlock);
  CHECK_FALSE(trial.fits(Dimension::correctness));
  CHECK_FALSE(trial.fits(Dimension::memory));
  CHECK(is_in("[2B0]", trial.findings[0].picture));
}

TEST_CASE("a schedule that lacks an action stands beside the right one") {
  const Trial trial = graded_with([](Orders& ranks) { ranks[1].pop_back(); });
  CHECK(said(trial).find("no rank has 1B5") == 0);
  CHECK(trial.code == ExitCode::wrong);
  CHECK(is_in("1B4 [end]", trial.findings[0].picture));
  CHECK(is_in("1B4 [1B5] end", trial.findings[0].picture));
}

TEST_CASE("too slow, and too much or too little held, are told apart") {
  const auto order_of = [](const char* name) {
    return [s = build_schedule(name, 3, 6, 1)](int rank) {
      return s.ranks[static_cast<std::size_t>(rank)];
    };
  };
  const Trial naive = graded_as_1f1b(order_of("naive"));
  CHECK(naive.fits(Dimension::correctness));
  CHECK_FALSE(naive.fits(Dimension::schedule));
  CHECK_FALSE(naive.fits(Dimension::memory));
  CHECK(said(naive) ==
        "it takes 36 where (m+p-1)(F+B) = 16 is enough, with F = 1, B = 1: 0F1 starts at 6, in the "
        "right one at 1 (3 ranks, 6 micro-batches)");
  const Trial gpipe = graded_as_1f1b(order_of("gpipe"));
  CHECK(gpipe.fits(Dimension::schedule));
  CHECK_FALSE(gpipe.fits(Dimension::memory));
  CHECK(said(gpipe) ==
        "rank 0 holds 6 micro-batches, and min(p-r, m) = 3 is enough (3 ranks, 6 micro-batches)");
  for (const char* row : {"yours: 16 with F = 1, B = 1", "right: 16", "F0─F1─F2─F3─F4─F5─"})
    CHECK(is_in(row, gpipe.findings[0].picture));
}

TEST_CASE("the time limit holds under each of the costs") {
  ScheduleCase c = one_f_one_b_case({3, 6});
  c.order = [&](int rank) { return c.right.ranks[static_cast<std::size_t>(rank)]; };
  c.makespan = [](const Costs& costs) { return costs.F == 3 ? 1.0 : 1e9; };
  const Trial trial = run_schedule_cases({c});
  REQUIRE(trial.findings.size() == 1);
  CHECK(said(trial).find("with F = 3, B = 2") != std::string::npos);
}

TEST_CASE("other actions than the schedule has, or on other ranks, are not legal") {
  ScheduleCase c = one_f_one_b_case({3, 6});
  const Schedule split = build_schedule("zb_h1", 3, 6, 1);
  c.order = [&](int rank) { return split.ranks[static_cast<std::size_t>(rank)]; };
  CHECK(said(run_schedule_cases({c})).find("there is no input gradient in this schedule") !=
        std::string::npos);
  const Schedule forward = build_schedule("forward_only", 3, 6, 1);
  c.order = [&](int rank) { return forward.ranks[static_cast<std::size_t>(rank)]; };
  CHECK(said(run_schedule_cases({c})).find("no rank has any backward") == 0);
  // The stages in the opposite direction: check_schedule has nothing against it.
  c.order = [&](int rank) { return c.right.ranks[static_cast<std::size_t>(2 - rank)]; };
  CHECK(said(run_schedule_cases({c})).find("rank 0 has 2F0, which is for rank 2") == 0);
}

TEST_CASE("an answer that throws, or says far too much") {
  const Trial unwritten = graded_as_1f1b([](int) -> std::vector<Action> { not_written(1); });
  CHECK(unwritten.not_written);
  CHECK(unwritten.untouched());
  const Trial thrown = graded_as_1f1b([](int rank) -> std::vector<Action> {
    if (rank == 1) throw std::runtime_error("no such thing");
    return {};
  });
  CHECK(thrown.code == ExitCode::crash);
  CHECK(said(thrown) == "rank 1: an exception: no such thing (3 ranks, 6 micro-batches)");
  const Trial many = graded_as_1f1b([](int) { return std::vector<Action>(1'000'000); });
  CHECK(said(many) == "rank 0 has 1000000 actions (3 ranks, 6 micro-batches)");
  CHECK(many.signature.size() < 1000);
  CHECK(said(graded_as_1f1b([](int) {
          return std::vector<Action>{};
        })).find("rank 0 computes nothing") == 0);
}

TEST_CASE("two answers have the same signature if and only if they say the same") {
  const std::string right = graded_with([](Orders&) {}).signature;
  CHECK(right == graded_with([](Orders&) {}).signature);
  CHECK(right != graded_with([](Orders& ranks) { std::swap(ranks[0][2], ranks[0][3]); }).signature);
  CHECK(right != graded_with([](Orders& ranks) { ranks[1].pop_back(); }).signature);
}

TEST_CASE("seeded sizes differ and stay where wrong schedules are seen") {
  std::vector<int> ranks;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const PipelineSize size = seeded_size(seed);
    CHECK((size.ranks >= 3 && size.ranks <= 6));
    CHECK((size.microbatches >= 2 * size.ranks && size.microbatches < 3 * size.ranks));
    ranks.push_back(size.ranks);
  }
  for (int p = 3; p <= 6; ++p) CHECK(std::count(ranks.begin(), ranks.end(), p) > 0);
}

}  // namespace shardpipe
