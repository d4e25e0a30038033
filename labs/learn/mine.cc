#include "labs/learn/mine.h"

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <set>

#include "labs/answers.h"
#include "labs/cli/front.h"
#include "labs/cli/lab_flags.h"
#include "labs/learn/answer.h"

namespace shardpipe {
namespace {

// "mine", "mine:ID", "--technique=mine": what names an answer, also inside the quoted flags of a
// comparison.
std::set<std::string> techniques_in(const Arguments& words) {
  std::set<std::string> found;
  for (const std::string& word : words)
    for (std::string part : split_words(word)) {
      if (part.rfind("--technique=", 0) == 0) part.erase(0, std::strlen("--technique="));
      if (part == "mine" || part.rfind("mine:", 0) == 0) found.insert(part);
    }
  return found;
}

std::string library_of_answer(const std::string& id) {
  const ExerciseFile exercise = find_exercise(all_exercises(), id);
  const CompiledAnswer answer = compile_answer(exercise, exercise.answer_file());
  if (!answer.error.empty()) usage_error(text("mine/", id, ".cc does not compile: ", answer.error));
  return answer.library;
}

}  // namespace

std::optional<int> run_with_answers(const Arguments& words) {
  if (words.size() < 2 || std::getenv(kAnswersVariable) != nullptr) return std::nullopt;
  const std::string& verb = words[0];
  if (verb != "run" && verb != "compare" && verb != "schedule" && verb != "view")
    return std::nullopt;
  std::string ids, libraries;
  for (const std::string& technique : techniques_in(words)) {
    // The viewer's playground draws schedules.
    const bool draws = verb == "schedule" || verb == "view";
    const std::string id = answer_of_technique(technique, draws ? "schedule" : words[1]);
    libraries += (libraries.empty() ? "" : ";") + id + "=" + library_of_answer(id);
    ids += (ids.empty() ? "" : " ") + id;
  }
  if (libraries.empty()) return std::nullopt;
  const int code = run_in_front("/proc/self/exe", words, {text(kAnswersVariable, "=", libraries)});
  if (code > 128 && code != kInterrupted && code != 128 + SIGPIPE)
    fail(ExitCode::crash, text("your code ended the run with a signal (", strsignal(code - 128),
                               "): ./lab check ", ids, " says where"));
  return code;
}

}  // namespace shardpipe
