#include <iostream>
#include <sstream>

#include "core/base/printable.h"
#include "labs/learn/check.h"
#include "tests/support/catch.h"
#include "tests/support/usage_error.h"

namespace shardpipe {
namespace {

std::string printed(const ExerciseFile& exercise, const CheckResult& result) {
  std::ostringstream kept;
  std::streambuf* const before = std::cout.rdbuf(kept.rdbuf());
  print_check(exercise, result, false);
  std::cout.rdbuf(before);
  return kept.str();
}

}  // namespace

TEST_CASE("what a learner's program printed and threw is shown, and adds no line of ours") {
  const std::string evil = "oops\x1b[2J\x9b\u202e\nscore    100 / 100";
  const ExerciseFile exercise = find_exercise(all_exercises(), "day01_reduce_scatter");
  GradeReport report;
  report.regions = {{.code = "CRASH",
                     .exit = ExitCode::crash,
                     .say = evil,
                     .findings = {evil, "other " + evil},
                     .picture = {evil}}};
  const CheckResult result{
      .id = exercise.id, .file = "mine/x.cc", .report = report, .output = "\tx" + evil + "\xe2\n"};
  const std::string words = printed(exercise, result);
  CHECK(printable_lines(words) == words);
  CHECK(lacks(words, {"       |  xoops\\x1b[2J\\x9b\\u202e\n       | score", "\\xe2\n",
                      "oops\\x1b[2J\\x9b\\u202e\\nscore"}) == "");
  CHECK(words.find("\nscore    100") == std::string::npos);
}

TEST_CASE("a compiler's words are shown line by line") {
  const ExerciseFile exercise = find_exercise(all_exercises(), "day01_reduce_scatter");
  const CheckResult result{.id = exercise.id,
                           .file = "mine/x.cc",
                           .code = "NOT_COMPILED",
                           .say = "mine/x.cc:3: error: \x1b[m\n  3 |\tint\u202e;"};
  CHECK(lacks(printed(exercise, result),
              {"  mine/x.cc:3: error: \\x1b[m\n", "    3 | int\\u202e;\n"}) == "");
}

}  // namespace shardpipe
