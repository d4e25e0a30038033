#include "labs/learn/quiz.h"

#include <algorithm>
#include <filesystem>
#include <map>

#include "core/base/data_root.h"
#include "core/base/error.h"
#include "core/base/input_file.h"
#include "core/collectives/traffic.h"
#include "labs/grade/exercise_file.h"
#include "labs/grade/questions.h"
#include "labs/grade/toml_file.h"

namespace shardpipe {
namespace {

namespace fs = std::filesystem;

std::string folder() { return data_root() + "/docs/quiz"; }

std::string word(const toml::table& table, const char* key, const std::string& file) {
  const auto found = table[key].value<std::string>();
  if (!found || found->empty()) fail(ExitCode::fault, text(file, ": a question lacks ", key));
  return *found;
}

QuizQuestion question_of(const toml::table& table, const std::string& file) {
  QuizQuestion question{.ask = word(table, "ask", file)};
  if (!table.contains("choices")) {
    question.number = quiz_number(word(table, "number", file));
    question.unit = word(table, "unit", file);
    question.why = word(table, "why", file);
    return question;
  }
  if (const toml::array* choices = table["choices"].as_array())
    for (const toml::node& node : *choices)
      if (const toml::table* choice = node.as_table())
        question.choices.push_back({.say = word(*choice, "say", file),
                                    .why = word(*choice, "why", file),
                                    .right = (*choice)["right"].value_or(false)});
  const auto rights = std::count_if(question.choices.begin(), question.choices.end(),
                                    [](const QuizChoice& c) { return c.right; });
  if (rights != 1 || question.choices.size() < 2)
    fail(ExitCode::fault, text(file, ": '", question.ask, "' has ", rights, " right choices"));
  return question;
}

// What one rank does in a ring all-reduce of 2^20 f32 numbers.
auto ring_traffic(int ranks) {
  return traffic_of(AllReduceAlgorithm::ring, {.ranks = ranks, .elements = 1 << 20});
}

// Of a question that an exercise asks, too.
double answer_of(const char* exercise, const std::string& key) {
  for (const Question& q : questions_of(exercise))
    if (q.key == key) return q.answer;
  fail(ExitCode::fault, text("no question ", key, " in ", exercise));
}

// Payload of the logits' gather over that of three all-reduces of [T].
double logits_to_loss_terms(Index tokens, Index vocabulary) {
  return static_cast<double>(tokens * vocabulary) / static_cast<double>(3 * tokens);
}

}  // namespace

std::vector<std::string> quiz_days() {
  std::vector<std::string> days;
  for (const std::string& file : files_in(folder(), ".toml"))
    days.push_back(fs::path(file).stem().string());
  return days;
}

std::vector<QuizQuestion> read_quiz(const std::string& day) {
  const std::vector<std::string> days = quiz_days();
  std::string names;
  for (const std::string& name : days) names += (names.empty() ? "" : ", ") + name;
  if (std::find(days.begin(), days.end(), day) == days.end())
    usage_error(text("there is no quiz '", day, "' (there are: ", names, ")"));
  const std::string file = folder() + "/" + day + ".toml";
  const toml::table table = read_toml(file, ExitCode::fault);
  std::vector<QuizQuestion> questions;
  if (const toml::array* all = table["question"].as_array())
    for (const toml::node& node : *all)
      if (const toml::table* one = node.as_table()) questions.push_back(question_of(*one, file));
  if (questions.empty()) fail(ExitCode::fault, text(file, ": has no question"));
  return questions;
}

double quiz_number(const std::string& name) {
  static const std::map<std::string, double (*)()> numbers = {
      {"ring_all_reduce_sent_4_ranks", [] { return ring_traffic(4).bytes; }},
      {"ring_all_reduce_sent_8_ranks", [] { return ring_traffic(8).bytes; }},
      {"ring_all_reduce_steps_8_ranks", [] { return 1.0 * ring_traffic(8).steps; }},
      {"recursive_doubling_steps",
       [] { return answer_of("day01_five_algorithms", "recursive_doubling_steps"); }},
      {"col_row_calls", [] { return answer_of("day02_pairings", "col_row_calls"); }},
      {"col_col_calls", [] { return answer_of("day02_pairings", "col_col_calls"); }},
      {"block_calls_8_ranks", [] { return answer_of("day03_all_reduces", "tp8_calls"); }},
      {"logits_to_loss_terms", [] { return logits_to_loss_terms(4096, 128256); }},
  };
  const auto found = numbers.find(name);
  if (found == numbers.end()) fail(ExitCode::fault, text("a quiz asks for ", name, ": unknown"));
  return found->second();
}

}  // namespace shardpipe
