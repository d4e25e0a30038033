// A quiz of a day: docs/quiz/day02.toml. A question has choices, each with its reason, or a number
// that the kit computes.
#pragma once

#include <string>
#include <vector>

namespace shardpipe {

struct QuizChoice {
  std::string say = {}, why = {};
  bool right = false;
};

struct QuizQuestion {
  std::string ask = {}, why = {}, unit = {};  // why, unit: of a number
  std::vector<QuizChoice> choices = {};       // none: a number is asked
  double number = 0;
};

// Usage error, with the quizzes there are, if the day has none; Error(fault) for a file that is not
// as it should be: one right choice a question, a reason for each.
std::vector<QuizQuestion> read_quiz(const std::string& day);
std::vector<std::string> quiz_days();

// A number of the kit by the name that a quiz gives it. Error(fault) for another name.
double quiz_number(const std::string& name);

}  // namespace shardpipe
