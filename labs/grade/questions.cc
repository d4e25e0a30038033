#include "labs/grade/questions.h"

#include <cmath>

#include "core/base/error.h"

namespace shardpipe {

bool Question::accepts(double value) const {
  return std::abs(value - answer) <= tolerance * std::abs(answer);
}

const KnownGuess* Question::guess_of(double value) const {
  const KnownGuess* found = nullptr;
  for (const KnownGuess& guess : guesses) {
    if (std::abs(value - guess.value) > tolerance * std::abs(guess.value)) continue;
    if (found != nullptr) return nullptr;
    found = &guess;
  }
  return found;
}

std::vector<Question> questions_of(const std::string& id) {
  if (id == "day01_five_algorithms") return five_algorithm_questions();
  if (id == "day01_tree_or_ring") return tree_or_ring_questions();
  if (id == "day02_column_after_column") return column_after_column_questions();
  if (id == "day02_pairings") return pairing_questions();
  if (id == "day03_all_reduces") return all_reduce_questions();
  if (id == "day04_chunks") return chunk_questions();
  fail(ExitCode::fault, text(id, " has no questions"));
}

}  // namespace shardpipe
