// Grades an answer: tries every region alone, and where something is wrong finds the known wrong
// answer that does exactly the same.
#pragma once

#include "labs/grade/exercise_file.h"
#include "labs/grade/graded.h"
#include "labs/grade/report.h"

namespace shardpipe {

// The answers in two libraries: the learner's, and the solution with all known wrong answers.
class AnswerLibrary {
 public:
  explicit AnswerLibrary(const std::string& file);  // Error(fault) if it does not load
  Entry entry(const std::string& symbol) const;     // Error(fault) if it has none

 private:
  std::string file_;
  void* handle_ = nullptr;  // stays open: functions of it may be at work until the process ends
};

GradeReport grade(const ExerciseFile& exercise, const Graded& graded, const AnswerLibrary& mine,
                  const AnswerLibrary& known, std::uint64_t seed);

}  // namespace shardpipe
