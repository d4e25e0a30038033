#include "labs/learn/predictions.h"

#include <iostream>
#include <sstream>

#include "core/base/input_file.h"
#include "labs/grade/questions.h"
#include "labs/learn/number.h"
#include "labs/learn/place.h"

namespace shardpipe {
namespace {

RegionReport judge(const Question& question, int number, const std::map<std::string, double>& said,
                   double points) {
  RegionReport report{.region = number, .code = "NOT_ANSWERED", .exit = ExitCode::not_written};
  const auto found = said.find(question.key);
  if (found == said.end()) return report;
  if (question.accepts(found->second)) {
    report.code = "PASS";
    report.exit = ExitCode::success;
    report.points = points;
    return report;
  }
  const KnownGuess* guess = question.guess_of(found->second);
  report.code = guess != nullptr ? guess->code : "UNKNOWN";
  report.exit = ExitCode::wrong;
  report.say = guess != nullptr ? guess->say : "";
  report.findings = {
      text(question.ask, ": ", all_digits(found->second), " [", question.unit, "] is not right")};
  return report;
}

std::string commented(const std::string& words) {
  std::istringstream lines(words);
  std::string all;
  for (std::string line; std::getline(lines, line);)
    all += line.empty() ? "#\n" : "# " + line + "\n";
  return all;
}

std::string file_of(const ExerciseFile& exercise, const std::vector<Question>& questions,
                    const std::map<std::string, double>& said) {
  std::string all = commented(exercise.task) + "\n";
  for (const Question& q : questions) {
    const auto found = said.find(q.key);
    all += text("# ", q.ask, "\n", q.key, " = ",
                found == said.end() ? "\"\"" : all_digits(found->second), "  # ", q.unit, "\n");
  }
  return all;
}

}  // namespace

CheckResult check_predictions(const ExerciseFile& exercise, CheckResult result) {
  if (!is_there(exercise.answer_file()))
    usage_error(text("there is no ", result.file, " yet: ./lab start ", exercise.id));
  const std::map<std::string, double> said = read_answers(exercise.answer_file());
  const std::vector<Question> questions = questions_of(exercise.id);
  GradeReport report{.checks = static_cast<int>(said.size())};
  for (std::size_t i = 0; i < questions.size(); ++i)
    report.regions.push_back(judge(questions[i], static_cast<int>(i) + 1, said,
                                   100.0 / static_cast<double>(questions.size())));
  result.code = report.code();
  result.score = report.score();
  result.checks = report.checks;
  result.exit = report.exit();
  result.report = std::move(report);
  return result;
}

std::string prediction_stub(const ExerciseFile& exercise) {
  return file_of(exercise, questions_of(exercise.id), {});
}

void ask_predictions(const ExerciseFile& exercise) {
  std::map<std::string, double> said = read_answers(exercise.answer_file());
  const std::vector<Question> questions = questions_of(exercise.id);
  std::cout << exercise.task << "\n";
  for (const Question& q : questions) {
    const auto before = said.find(q.key);
    std::cout << q.ask << " [" << (before == said.end() ? q.unit : all_digits(before->second))
              << "]: " << std::flush;
    std::string line;
    if (!std::getline(std::cin, line)) break;
    if (line.empty()) continue;
    const auto number = number_in(line);
    if (!number)
      usage_error(text("'", line, "' is no number; what was answered before it is kept in ",
                       shown(exercise.answer_file())));
    said[q.key] = *number;
    write_file(exercise.answer_file(), file_of(exercise, questions, said));
  }
}

}  // namespace shardpipe
