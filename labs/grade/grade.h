// Grades an answer: tries every region alone, and where something is wrong finds the known wrong
// answer that does exactly the same.
#pragma once

#include "labs/grade/exercise_file.h"
#include "labs/grade/graded.h"
#include "labs/grade/report.h"
#include "labs/grade/signatures.h"

namespace shardpipe {

// The answers in two libraries: the learner's, and the solution with all known wrong answers.
class AnswerLibrary {
 public:
  explicit AnswerLibrary(const std::string& file);  // Error(fault) if it does not load
  Entry entry(const std::string& symbol) const;     // Error(fault) if it has none
  const std::string& file() const { return file_; }

 private:
  std::string file_;
  void* handle_ = nullptr;  // stays open: functions of it may be at work until the process ends
};

class Grading {
 public:
  // All of it is referred to, and must live as long.
  Grading(const ExerciseFile& exercise, const Graded& graded, const AnswerLibrary& known)
      : exercise_(exercise), graded_(graded), known_(known) {}

  GradeReport grade(Entry mine, std::uint64_t seed);
  Signatures signatures();  // of all known wrong answers, as they are now

 private:
  RegionReport grade_region(int region, Entry mine, std::uint64_t seed, int& checks);
  std::vector<const WrongAnswer*> alike(int region, Entry mine);
  const std::string& signature_of(const WrongAnswer& wrong);
  void recall();
  Entry solution() const;

  const ExerciseFile& exercise_;
  const Graded& graded_;
  const AnswerLibrary& known_;
  bool has_recalled_ = false;
  int known_runs_ = 0;
  Signatures signatures_;  // that are known already
};

}  // namespace shardpipe
