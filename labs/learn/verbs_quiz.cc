// quiz: questions of a day, answered on the terminal.
#include <cmath>
#include <iostream>
#include <optional>

#include "core/base/error.h"
#include "core/base/flags.h"
#include "labs/learn/number.h"
#include "labs/learn/page.h"
#include "labs/learn/quiz.h"
#include "labs/learn/verbs.h"

namespace shardpipe {
namespace {

// The line that was typed; nothing: the input has ended.
std::optional<std::string> typed(const std::string& prompt) {
  std::cout << prompt << std::flush;
  std::string line;
  if (!std::getline(std::cin, line)) return std::nullopt;
  return line;
}

// True, false, or the input has ended.
std::optional<bool> ask_choice(const QuizQuestion& question) {
  for (std::size_t i = 0; i < question.choices.size(); ++i)
    std::cout << "  " << static_cast<char>('a' + i) << "  " << question.choices[i].say << "\n";
  for (;;) {
    const auto line = typed("your answer: ");
    if (!line) return std::nullopt;
    const std::size_t i = line->size() == 1 ? static_cast<std::size_t>((*line)[0] - 'a') : 99;
    if (i >= question.choices.size()) {
      std::cout << "one of the letters, please\n";
      continue;
    }
    const QuizChoice& choice = question.choices[i];
    std::cout << wrapped((choice.right ? "right: " : "no: ") + choice.why) << "\n";
    return choice.right;
  }
}

std::optional<bool> ask_number(const QuizQuestion& question) {
  for (;;) {
    const auto line = typed(text("your answer, in ", question.unit, ": "));
    if (!line) return std::nullopt;
    const auto number = number_in(*line);
    if (!number) {
      std::cout << "a number, please\n";
      continue;
    }
    const bool right = std::abs(*number - question.number) <= 0.01 * std::abs(question.number);
    std::cout << wrapped((right ? "right: " : text("no, ", std::llround(question.number), ": ")) +
                         question.why)
              << "\n";
    return right;
  }
}

}  // namespace

int verb_quiz(const Arguments& arguments) {
  std::string day;
  Flags flags("lab quiz", "Questions of a day; every answer is explained.");
  flags.add("day", day, "such as day02").required();
  if (!flags.parse(arguments)) return 0;
  const std::vector<QuizQuestion> questions = read_quiz(day);
  std::size_t asked = 0, right = 0;
  for (const QuizQuestion& question : questions) {
    std::cout << wrapped(text(asked + 1, " of ", questions.size(), ".  ", question.ask));
    const auto answer = question.choices.empty() ? ask_number(question) : ask_choice(question);
    if (!answer) {
      std::cout << "\n";
      break;
    }
    ++asked;
    right += *answer ? 1 : 0;
  }
  std::cout << right << " of " << questions.size() << " right"
            << (asked < questions.size() ? text(", ", questions.size() - asked, " not answered")
                                         : "")
            << "\n";
  if (asked == 0) return static_cast<int>(ExitCode::not_written);
  return right == questions.size() ? 0 : 1;
}

}  // namespace shardpipe
