// What the grading process tells the program that started it: one JSON document.
#pragma once

#include <string>
#include <vector>

#include "core/base/error.h"

namespace shardpipe {

struct RegionReport {
  int region = 1;
  std::string code = {};  // PASS, NOT_WRITTEN, KILLS_NOTHING, a known wrong answer's, or UNKNOWN
  ExitCode exit = ExitCode::success;
  double points = 0;                       // of 100 for the exercise
  std::string say = {};                    // of the known wrong answer
  std::vector<std::string> findings = {};  // sentences, the first is the first that failed
  std::vector<std::string> picture = {};   // of the first
  std::vector<std::string> also = {};      // other known wrong answers that do the same
};

struct GradeReport {
  std::vector<RegionReport> regions = {};
  int checks = 0;
  int known_runs = 0;  // known wrong answers that were run to name what is wrong
  std::string device = "cpu";

  int score() const;
  std::string code() const;  // of the first region that is not right; else PASS
  ExitCode exit() const;
};

std::string to_json(const GradeReport& report);
GradeReport grade_report_of(const std::string& json);  // Error(fault)

}  // namespace shardpipe
