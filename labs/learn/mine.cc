#include "labs/learn/mine.h"

#include <csignal>
#include <cstring>

#include "core/base/error.h"
#include "labs/answers.h"
#include "labs/cli/front.h"
#include "labs/learn/answer.h"
#include "labs/learn/place.h"

namespace shardpipe {
namespace {

std::string library_of_answer(const std::string& id) {
  const ExerciseFile exercise = find_exercise(all_exercises(), id);
  const CompiledAnswer answer = compile_answer(exercise, exercise.answer_file());
  if (!answer.error.empty())
    usage_error(text("mine/", id, ".cc does not compile: ", first_line_of(answer.error)));
  return answer.library;
}

}  // namespace

int run_with_answers(const Arguments& words) {
  std::string ids, libraries;
  for (const std::string& technique : answers_in(words)) {
    // The viewer's playground draws schedules.
    const bool draws = words[0] == "schedule" || words[0] == "view";
    const std::string id = answer_of_technique(technique, draws ? "schedule" : words[1]);
    libraries += (libraries.empty() ? "" : ";") + id + "=" + library_of_answer(id);
    ids += (ids.empty() ? "" : " ") + id;
  }
  const int code =
      run_in_front(build_folder() + "/lab", words, {text(kAnswersVariable, "=", libraries)});
  if (code > 128 && code != kInterrupted && code != 128 + SIGPIPE && !was_told_to_end(code))
    fail(ExitCode::crash, text("your code ended the run with a signal (", strsignal(code - 128),
                               "): ./lab check ", ids, " says where"));
  return code;
}

}  // namespace shardpipe
