#include "labs/learn/stubs.h"

#include "core/base/error.h"
#include "core/base/input_file.h"
#include "labs/grade/regions.h"
#include "labs/learn/predictions.h"

namespace shardpipe {

std::string made_stub(const ExerciseFile& exercise) {
  if (exercise.kind == ExerciseKind::predict) return prediction_stub(exercise);
  std::map<int, std::string> planted;
  for (std::size_t i = 0; i < exercise.planted.size(); ++i) {
    const WrongAnswer* bug = exercise.find_wrong(exercise.planted[i]);
    if (bug == nullptr)
      fail(ExitCode::fault, text(exercise.id, ": there is no wrong/", exercise.planted[i], ".inc"));
    planted[static_cast<int>(i) + 1] = bug->body;
  }
  return stub_of(read_file(exercise.solution_file()), exercise.solution_file(), planted);
}

bool is_stub_current(const ExerciseFile& exercise) {
  return is_there(exercise.stub_file()) && read_file(exercise.stub_file()) == made_stub(exercise);
}

}  // namespace shardpipe
