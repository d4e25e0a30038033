// What a learner might try, to have the core do what there is to write.
#pragma once

#include <string>
#include <vector>

#include "labs/grade/exercise_file.h"

namespace shardpipe {

struct Plant {
  std::string what = {};                // "calls the core"
  std::string source = {};              // an answer
  std::vector<std::string> finds = {};  // what the check must see in it, sorted
};

// One calls each function that is not allowed: under a name of its own namespace that stands for
// the core's symbol, of which nothing but the symbol is left, as of any other way to call it. The
// other looks for it by name when it runs. Error(usage) if the core has no function of such a name:
// it would never be found.
std::vector<Plant> plants_of(const ExerciseFile& exercise);

}  // namespace shardpipe
