#include "labs/learn/known_codes.h"

#include "labs/grade/exercise_file.h"
#include "labs/grade/questions.h"

namespace shardpipe {
namespace {

std::set<std::string> all_codes() {
  std::set<std::string> codes;
  for (const ExerciseFile& e : all_exercises()) {
    for (const WrongAnswer& wrong : e.wrong) codes.insert(wrong.code);
    if (e.kind != ExerciseKind::predict) continue;
    for (const Question& q : questions_of(e.id))
      for (const KnownGuess& guess : q.guesses) codes.insert(guess.code);
  }
  return codes;
}

}  // namespace

const std::set<std::string>& known_codes() {
  static const std::set<std::string> codes = all_codes();
  return codes;
}

}  // namespace shardpipe
