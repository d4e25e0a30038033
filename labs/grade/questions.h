// Questions that are answered with a number: what predict exercises and quizzes ask. Answers are
// computed, from a run or a cost formula, never typed.
#pragma once

#include <string>
#include <vector>

namespace shardpipe {

struct KnownGuess {
  std::string code = {}, say = {};
  double value = 0;
};

struct Question {
  std::string key = {};   // in the file of answers
  std::string ask = {};   // "col-row: collectives a rank enters in a step"
  std::string unit = {};  // "calls", "bytes"
  double answer = 0;
  double tolerance = 0;  // relative: for what cannot be typed exactly
  std::vector<KnownGuess> guesses = {};

  bool accepts(double value) const;
  const KnownGuess* guess_of(double value) const;  // nullptr: none, or several
};

// Of a predict exercise. Error(fault) if the id has none.
std::vector<Question> questions_of(const std::string& id);

std::vector<Question> five_algorithm_questions();       // day01_five_algorithms
std::vector<Question> tree_or_ring_questions();         // day01_tree_or_ring
std::vector<Question> column_after_column_questions();  // day02_column_after_column
std::vector<Question> pairing_questions();              // day02_pairings
std::vector<Question> all_reduce_questions();           // day03_all_reduces
std::vector<Question> chunk_questions();                // day04_chunks

}  // namespace shardpipe
