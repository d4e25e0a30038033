// check: compiles the learner's file, grades it in a process of its own, and says what came out.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "labs/grade/exercise_file.h"
#include "labs/grade/report.h"

namespace shardpipe {

// Codes beside those of known wrong answers: PASS, NOT_WRITTEN, NOT_ANSWERED, KILLS_NOTHING,
// UNKNOWN, NOT_COMPILED, NO_ENTRY (the end of the file is gone), OWN_CODE (it calls the core's
// answer), CRASH, NO_END (an endless loop); of a device that confirms: DIFFERS, NOT_RUN.
struct CheckResult {
  std::string id = {}, file = {};
  std::string device = "cpu";  // another one confirms (confirm.h)
  std::string library = {};    // what was graded, on data of which seed
  std::uint64_t seed = 0;
  std::string code = {};
  int score = 0, checks = 0;
  ExitCode exit = ExitCode::success;
  std::vector<std::string> taken = {};     // OWN_CODE: what it calls
  std::string say = {};                    // where there is no report: one sentence
  std::optional<GradeReport> report = {};  // by region
  std::string output = {};                 // what the learner's code printed
  std::size_t output_left_out = 0;
  int compiles = 0;  // files that had to be compiled
  double compile_s = 0, grade_s = 0;

  bool passed() const { return code == "PASS"; }
};

struct CheckOptions {
  std::optional<std::uint64_t> seed = {};  // of the data; none: another one for each check
  std::string file = {};                   // none: mine/<id>
};

CheckResult check_answer(const ExerciseFile& exercise, const CheckOptions& options = {});

// For a person, and for an editor.
void print_check(const ExerciseFile& exercise, const CheckResult& result, bool verbose);
void print_confirmed(const CheckResult& result);
std::string to_json(const CheckResult& result, const std::optional<CheckResult>& confirmed = {});
// "LABVERDICT day01_reduce_scatter cpu PASS 100 checks=180"; of a device that confirms the score is
// "-".
std::string verdict_line(const CheckResult& result);

}  // namespace shardpipe
