// dev verify: the proof that exercises grade what they say. Of each exercise:
//   stub       current, compiles without a warning, earns 0 with exactly the verdict of its kind
//   solution   100 on three seeds
//   only N     each region alone earns exactly its points
//   wrong      every known wrong answer gets exactly its code and score, `repeats` times
//   right      further right solutions, in another style, earn 100 (tests/exercises/<id>/right)
//   like       mistakes spelled in another way get their code or UNKNOWN, never another name
//   pages      every code has a page in docs/why
//   planted    answers that have the core do it are found, and earn nothing (plants.h)
//   mutants    a solution with a statement left out or changed earns less than 100 (mutants.h)
// right and like are in tests/exercises/<id>. Besides it says how long a check after an edit takes.
#pragma once

#include <vector>

#include "labs/grade/exercise_file.h"
#include "labs/learn/mutants.h"

namespace shardpipe {

struct VerifyOptions {
  int repeats = 3;  // of every wrong answer: one beside the others, and the known ones
  bool mutants = false;
  MutantOptions mutant_options = {};
};

// Prints a line an exercise and a line a complaint. The exit code.
int verify_exercises(const std::vector<ExerciseFile>& exercises, const VerifyOptions& options);

}  // namespace shardpipe
