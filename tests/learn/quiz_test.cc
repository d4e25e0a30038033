// Every quiz can be read, and asks what it says.
#include "labs/learn/quiz.h"

#include "core/base/error.h"
#include "tests/support/catch.h"

namespace shardpipe {

TEST_CASE("every quiz has questions with one right choice and a reason for each, or a number") {
  REQUIRE_FALSE(quiz_days().empty());
  for (const std::string& day : quiz_days())
    for (const QuizQuestion& question : read_quiz(day)) {
      INFO(day << ": " << question.ask);
      CHECK_FALSE(question.ask.empty());
      if (question.choices.empty()) CHECK(question.number > 0);
    }
}

TEST_CASE("a ring all-reduce of 4 MiB on 4 ranks sends 6 MiB from each") {
  CHECK(quiz_number("ring_all_reduce_sent_4_ranks") == 6 << 20);
}

TEST_CASE("recursive doubling takes 5 steps on 32 ranks") {
  CHECK(quiz_number("recursive_doubling_steps") == 5);
}

TEST_CASE("a day without a quiz, and a number that the kit does not know") {
  try {
    read_quiz("day99");
    CHECK(false);
  } catch (const Error& e) {
    CHECK(e.code() == ExitCode::usage);
    CHECK(std::string(e.what()).find("day02") != std::string::npos);
  }
  CHECK_THROWS_AS(quiz_number("no such"), Error);
}

}  // namespace shardpipe
