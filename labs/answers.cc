#include "labs/answers.h"

#include <dlfcn.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <sstream>

#include "core/base/error.h"
#include "labs/cli/lab_flags.h"
#include "labs/grade/exercise_file.h"

namespace shardpipe {
namespace {

bool runs_in(const ExerciseFile& exercise, const std::string& lab) {
  return std::find(exercise.labs.begin(), exercise.labs.end(), lab) != exercise.labs.end();
}

}  // namespace

std::set<std::string> answers_in(const std::vector<std::string>& words) {
  static const std::set<std::string> runs = {"run", "compare", "schedule", "view"};
  std::set<std::string> found;
  if (words.size() < 2 || runs.count(words[0]) == 0 || std::getenv(kAnswersVariable) != nullptr)
    return found;
  for (const std::string& word : words)
    for (std::string part : split_words(word)) {
      if (part.rfind("--technique=", 0) == 0) part.erase(0, std::strlen("--technique="));
      if (part == "mine" || part.rfind("mine:", 0) == 0) found.insert(part);
    }
  return found;
}

std::string answer_of_technique(const std::string& technique, const std::string& lab) {
  if (technique != "mine" && technique.rfind("mine:", 0) != 0) return "";
  std::string fits, only;
  int count = 0;
  for (const ExerciseFile& e : all_exercises()) {
    if (!runs_in(e, lab)) continue;
    if (technique == "mine:" + e.id) return e.id;
    only = e.id;
    fits += (fits.empty() ? "" : ", ") + ("mine:" + e.id);
    ++count;
  }
  if (technique == "mine" && count == 1) return only;
  if (count == 0) usage_error(text(lab, " runs no exercise: --technique ", technique));
  usage_error(text(technique, " in ", lab, ": say which (", fits, ")"));
}

AnswerEntry answer_entry(const std::string& exercise) {
  const char* set = std::getenv(kAnswersVariable);
  std::istringstream all(set != nullptr ? set : "");
  for (std::string one; std::getline(all, one, ';');) {
    if (one.rfind(exercise + "=", 0) != 0) continue;
    std::string file = one.substr(exercise.size() + 1), symbol = "shardpipe_answer";
    const std::size_t colon = file.rfind(':');
    if (colon != std::string::npos && file.find('/', colon) == std::string::npos) {
      symbol = file.substr(colon + 1);
      file.resize(colon);
    }
    void* library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) fail(ExitCode::usage, text("the answer does not load: ", dlerror()));
    if (void* entry = dlsym(library, symbol.c_str())) return reinterpret_cast<AnswerEntry>(entry);
  }
  fail(ExitCode::fault, text("no library of ", exercise, " in this process"));
}

}  // namespace shardpipe
