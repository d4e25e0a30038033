// The exercise that a verb is about.
#pragma once

#include "labs/grade/exercise_file.h"

namespace shardpipe {

// By name, or if that is empty the one worked on last. Usage error where there is none.
ExerciseFile chosen_exercise(const std::vector<ExerciseFile>& all, const std::string& name);

}  // namespace shardpipe
