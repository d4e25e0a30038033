// docs/mistakes.toml: mistakes that texts on the subject make, and where the course shows what is
// true.
#pragma once

#include <string>
#include <vector>

namespace shardpipe {

struct QuizPlace {
  std::string quiz = {}, ask = {};  // "day02", how the question begins
};

struct Mistake {
  std::string says = {}, is_true = {};
  std::vector<std::string> exercises = {};
  std::vector<QuizPlace> questions = {};
  std::vector<std::string> pages = {};  // "memory.md#folklore", below docs/
};

std::vector<Mistake> all_mistakes();  // Error(fault) for a file that is not as it should be

}  // namespace shardpipe
