// A test that a learner writes is tried on known schedules: those are what they are said to be, and
// tests get what they deserve.
#include "labs/grade/day06/known_schedules.h"

#include <algorithm>
#include <set>
#include <stdexcept>

#include "exercises/day06_schedules/day06_test_1f1b.h"
#include "labs/grade/graded_exercises.h"
#include "labs/grade/report.h"
#include "tests/support/catch.h"

namespace shardpipe {
namespace {

using Judge = std::string (*)(const Schedule& schedule, int ranks, int microbatches);

// What the grader makes of a test.
template <Judge judge>
Trial trial_of() {
  const Entry entry = [](void* answer) {
    static_cast<OneFOneBTestAnswer*>(answer)->what_is_wrong = judge;
  };
  return graded_test_1f1b()->try_out(1, entry, entry, 7);
}

std::string by_truth(const Schedule& schedule, int ranks, int microbatches) {
  const Trial trial = judge_1f1b(schedule, {ranks, microbatches});
  return trial.right() ? "" : trial.findings[0].said;
}

// As by_truth, of legality only.
std::string by_legality(const Schedule& schedule, int, int) { return check_schedule(schedule); }

std::string nothing(const Schedule&, int, int) { return ""; }
std::string everything(const Schedule&, int, int) { return "no"; }
std::string unwritten(const Schedule&, int, int) { not_written(1); }
std::string unchecked(const Schedule& schedule, int ranks, int microbatches) {
  simulate(schedule, {});  // throws where the order is wrong
  return by_truth(schedule, ranks, microbatches);
}
std::string throws(const Schedule&, int, int) { throw std::runtime_error("not today"); }

bool is_said(const Trial& trial, const std::string& part) {
  return std::any_of(trial.findings.begin(), trial.findings.end(), [&](const Finding& finding) {
    return finding.said.find(part) != std::string::npos;
  });
}

}  // namespace

TEST_CASE(
    "two known schedules are right, of any size, and five are wrong from 2p micro-batches on") {
  std::set<std::string> faults;
  int right = 0;
  for (const KnownSchedule& known : known_schedules()) {
    right += known.is_right ? 1 : 0;
    for (int p = known.is_right ? 1 : 3; p <= 6; ++p)
      for (int m = known.is_right ? 1 : 2 * p; m <= 3 * p; ++m) {
        const Schedule schedule = known.build(p, m);
        const Trial trial = judge_1f1b(schedule, {p, m});
        INFO(known.what << ", " << p << " ranks, " << m);
        CHECK(trial.right() == known.is_right);
        CHECK(schedule.name.empty());  // or a test could go by it
        if (!trial.right()) faults.insert(name_of(trial.findings[0].dimension));
      }
  }
  CHECK(right == 2);
  CHECK(known_schedules().size() == 7);
  CHECK(faults == std::set<std::string>{"correctness", "memory", "schedule"});
}

TEST_CASE("no two of the known schedules are the same") {
  for (const KnownSchedule& a : known_schedules())
    for (const KnownSchedule& b : known_schedules())
      CHECK((a.build(3, 7).ranks == b.build(3, 7).ranks) == (&a == &b));
}

TEST_CASE("a test earns by what it finds") {
  const Trial all = trial_of<by_truth>();
  CHECK(all.right());
  CHECK(all.earned == 1);
  const Trial two = trial_of<by_legality>();
  CHECK(two.earned == 0.4);
  CHECK(two.fits(Dimension::correctness));
  CHECK(is_said(two, "nothing found in GPipe: rank 0 holds 7 micro-batches"));
  CHECK(two.findings.size() == 3);
}

TEST_CASE("one false alarm costs everything") {
  const Trial trial = trial_of<everything>();
  CHECK(trial.earned == 1);
  CHECK_FALSE(trial.fits(Dimension::correctness));
  CHECK(trial.findings.size() == 2);  // each right schedule once
  CHECK(is_said(trial, "a false alarm: a right schedule, 1F1B, is called wrong: \"no\""));
}

TEST_CASE("a test that finds nothing is as good as none") {
  const Trial empty = trial_of<nothing>();
  CHECK(empty.kills_nothing);
  CHECK(empty.untouched());
  CHECK(empty.earned == 0);
  const Trial none = trial_of<unwritten>();
  CHECK(none.not_written);
  CHECK(none.untouched());
  CHECK_FALSE(trial_of<by_legality>().untouched());
}

TEST_CASE("a test that throws has found nothing") {
  const Trial trial = trial_of<unchecked>();
  CHECK(trial.earned == 0.6);
  CHECK(is_said(trial, "the test throws on a 1F1B whose last backwards are missing: no rank has"));
  const Trial always = trial_of<throws>();
  CHECK(always.earned == 0);
  CHECK_FALSE(always.untouched());
  CHECK(is_said(always, "a false alarm: a right schedule, 1F1B, makes the test throw"));
}

TEST_CASE("a report of a test that finds nothing ends like one of an answer not written") {
  const RegionReport nothing_found{.code = "KILLS_NOTHING", .exit = ExitCode::not_written};
  const RegionReport wrong{.region = 2, .code = "UNKNOWN", .exit = ExitCode::wrong};
  CHECK(GradeReport{.regions = {nothing_found}}.code() == "KILLS_NOTHING");
  CHECK(GradeReport{.regions = {nothing_found}}.exit() == ExitCode::not_written);
  CHECK(GradeReport{.regions = {nothing_found, wrong}}.code() == "UNKNOWN");
}

}  // namespace shardpipe
