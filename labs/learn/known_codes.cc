#include "labs/learn/known_codes.h"

#include "labs/grade/exercise_file.h"
#include "labs/grade/questions.h"

namespace shardpipe {
namespace {

struct Lists {
  Json scores = Json::list(), guesses = Json::list();
};

std::map<std::string, Json> all_codes() {
  std::map<std::string, Lists> lists;
  for (const ExerciseFile& e : all_exercises()) {
    for (const WrongAnswer& wrong : e.wrong) lists[wrong.code].scores.push_back(wrong.score);
    if (e.kind != ExerciseKind::predict) continue;
    for (const Question& q : questions_of(e.id))
      for (const KnownGuess& guess : q.guesses)
        lists[guess.code].guesses.push_back(
            {{"question", q.key}, {"value", guess.value}, {"answer", q.answer}});
  }
  std::map<std::string, Json> codes;
  for (const auto& [code, of] : lists)
    codes[code] = {{"scores", of.scores}, {"guesses", of.guesses}};
  return codes;
}

}  // namespace

const std::map<std::string, Json>& known_codes() {
  static const std::map<std::string, Json> codes = all_codes();
  return codes;
}

}  // namespace shardpipe
