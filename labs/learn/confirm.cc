#include "labs/learn/confirm.h"

#include <unistd.h>

#include <filesystem>
#include <sstream>

#include "core/base/error.h"
#include "core/launch/processes.h"
#include "labs/cli/held_signals.h"
#include "labs/learn/answer.h"
#include "labs/learn/child.h"
#include "labs/learn/ended.h"
#include "labs/learn/place.h"

namespace shardpipe {
namespace {

constexpr ChildLimits kLimits = {.seconds = 120, .cpu_seconds = 120};

// To which the processes of mpirun add their reports.
class ReportFile {
 public:
  explicit ReportFile(const std::string& id)
      : name_(text(build_folder(), "/grade/confirm_", id, "_", getpid())) {
    write_file(name_, "");
  }
  ~ReportFile() {
    std::error_code ignored;
    std::filesystem::remove(name_, ignored);
  }
  ReportFile(const ReportFile&) = delete;
  ReportFile& operator=(const ReportFile&) = delete;

  const std::string& name() const { return name_; }

 private:
  std::string name_;
};

std::vector<std::string> words_of_grader(const CheckResult& graded, const std::string& device) {
  return {build_folder() + "/lab-grade",
          "confirm",
          graded.id,
          graded.library,
          text(graded.seed),
          device};
}

// One process, whose threads are the ranks.
ChildEnd run_threads(const CheckResult& graded, const std::string& device) {
  return run_child(words_of_grader(graded, device), kLimits);
}

// A process a rank; its report is that of all of them, a line each.
ChildEnd run_processes(const CheckResult& graded, const std::string& device, int ranks) {
  const HeldSignals held;  // until the file has gone
  const ReportFile report(graded.id);
  std::vector<std::string> words = words_of_mpirun(ranks);
  for (std::string* program : {&words.front(), &words[words.size() - 3]})
    *program = find_program(*program, "it starts the ranks of mpi");
  for (const std::string& word : words_of_grader(graded, device)) words.push_back(word);
  words.push_back(text(ranks));
  words.push_back(report.name());
  ChildEnd end = run_child(words, kLimits);
  end.report = read_file(report.name());
  return end;
}

// What mpirun says of a process that failed stands between lines of dashes.
std::string without_words_of_mpirun(const std::string& output) {
  return output.substr(0, output.find(std::string(60, '-')));
}

// Adds what one run says. False if it says that there is a difference, or did not come to its end.
bool take(CheckResult& result, ChildEnd end, std::size_t reports) {
  result.grade_s += end.seconds;
  if (end.exit_code == static_cast<int>(ExitCode::absent)) {
    const std::string sentence = sentence_in(end.output);
    fail(ExitCode::absent, sentence.substr(sentence.rfind("lab-grade: ", 0) == 0 ? 11 : 0));
  }
  std::vector<GradeReport> all;
  std::istringstream lines(end.report);
  for (std::string line; std::getline(lines, line) && line[0] == '{';)
    all.push_back(grade_report_of(line));
  if (all.size() != reports || end.exit_code != 0 || end.signal != 0 || end.timed_out) {
    result.output = end.output;
    result = without_report(std::move(result), end);
    result.output = without_words_of_mpirun(result.output);
    return false;
  }
  for (GradeReport& one : all) {
    result.checks += one.checks;
    if (one.code() == "PASS" || result.report) continue;
    result.code = one.code();
    result.exit = one.exit();
    result.report = std::move(one);
  }
  return !result.report;
}

}  // namespace

std::vector<int> sizes_of(const ExerciseFile& exercise) {
  if (exercise.kind == ExerciseKind::predict) return {};
  prepare(exercise);
  ChildEnd end = run_child({build_folder() + "/lab-grade", "sizes", exercise.id});
  if (end.exit_code != 0) fail(static_cast<ExitCode>(end.exit_code), sentence_in(end.output));
  std::vector<int> sizes;
  std::istringstream numbers(end.report);
  for (int ranks = 0; numbers >> ranks;) sizes.push_back(ranks);
  return sizes;
}

CheckResult confirm_answer(const CheckResult& graded, const std::vector<int>& sizes,
                           const std::string& device) {
  CheckResult result{.id = graded.id, .file = graded.file, .device = device};
  result.library = graded.library;
  result.seed = graded.seed;
  if (!graded.passed())
    return verdict(std::move(result), "NOT_RUN", ExitCode::success,
                   "it confirms what is right on cpu");
  result.code = "PASS";
  if (device == "cuda") {
    take(result, run_threads(graded, device), 1);
    return result;
  }
  for (const int ranks : sizes)
    if (!take(result, run_processes(graded, device, ranks), static_cast<std::size_t>(ranks))) break;
  return result;
}

}  // namespace shardpipe
