// Many variants of a solution in one library, and what each of them is graded as.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "labs/grade/exercise_file.h"
#include "labs/learn/check.h"

namespace shardpipe {

// name -> source. Names become parts of identifiers.
using Variants = std::map<std::string, std::string>;

struct BuiltVariants {
  std::string library = {};
  std::map<std::string, std::string> not_compiled = {};  // name -> the first error
  std::vector<std::string> warnings = {};
};

// Compiles those that compile, in two builds at most.
BuiltVariants build_variants(const ExerciseFile& exercise, const Variants& variants);

// Of each name in `library` (known_<id>'s or built ones), in as few processes as its faults allow.
// A process may take 20 of seconds_each of a core, and one more for each name.
std::map<std::string, CheckResult> grade_variants(const ExerciseFile& exercise,
                                                  const std::string& library,
                                                  const std::vector<std::string>& names,
                                                  std::uint64_t seed, double seconds_each = 2);

}  // namespace shardpipe
