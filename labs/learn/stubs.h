// The untouched file of an exercise, made from its solution.
#pragma once

#include "labs/grade/exercise_file.h"

namespace shardpipe {

std::string made_stub(const ExerciseFile& exercise);
bool is_stub_current(const ExerciseFile& exercise);  // is exercises/<day>/<id> that?

}  // namespace shardpipe
