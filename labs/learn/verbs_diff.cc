// diff: your answer beside ours, on one case of the grader.
#include <iostream>

#include "core/base/error.h"
#include "core/base/flags.h"
#include "core/base/shell_word.h"
#include "labs/learn/answer.h"
#include "labs/learn/child.h"
#include "labs/learn/chosen.h"
#include "labs/learn/ended.h"
#include "labs/learn/place.h"
#include "labs/learn/verbs.h"

namespace shardpipe {

int verb_diff(const Arguments& arguments) {
  std::string id;
  Flags flags("lab diff", "Your answer beside ours: the first call that differs, and both traces.");
  flags.add("exercise", id, "none: the one you worked on last");
  if (!flags.parse(arguments)) return 0;
  const ExerciseFile exercise = chosen_exercise(all_exercises(), id);
  if (exercise.kind == ExerciseKind::predict)
    usage_error(text(exercise.id, " has no code to compare: ./lab check ", exercise.id));
  const CompiledAnswer answer = compile_answer(exercise, exercise.answer_file());
  if (!answer.error.empty())
    usage_error(text("your file does not compile: ", first_line_of(answer.error)));
  const std::string prefix = state_folder() + "/trace/" + exercise.id;
  write_file(prefix + "-mine.json", "");  // makes the folder, and leaves no older trace
  ChildEnd end = run_child(
      {build_folder() + "/lab-grade", "beside", exercise.id, answer.library, answer.known, prefix});
  if (end.exit_code == static_cast<int>(ExitCode::absent))
    usage_error(text(exercise.id,
                     " runs on no device: there are no calls to compare (./lab reveal ",
                     exercise.id, " shows ours)"));
  if (end.exit_code != 0 || end.signal != 0 || end.timed_out)
    usage_error(text("your code does not run to its end (./lab check ", exercise.id, " says why)",
                     end.output.empty() ? "" : ": " + sentence_in(end.output)));
  std::cout << end.report << "see both: ./lab view " << shell_file(shown(prefix) + "-mine.json")
            << " --against " << shell_file(shown(prefix) + "-ours.json") << "\n";
  return 0;
}

}  // namespace shardpipe
