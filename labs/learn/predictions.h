// A predict exercise: its file mine/<id>.toml holds a number for each question.
#pragma once

#include "labs/learn/check.h"

namespace shardpipe {

// `result` names the file; the rest is filled in.
CheckResult check_predictions(const ExerciseFile& exercise, CheckResult result);

// The untouched file: the task, and every question with an empty answer.
std::string prediction_stub(const ExerciseFile& exercise);

// Asks on the terminal, and writes what was answered. An empty line leaves an answer as it is.
void ask_predictions(const ExerciseFile& exercise);

}  // namespace shardpipe
