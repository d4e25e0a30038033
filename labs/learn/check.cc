#include "labs/learn/check.h"

#include <chrono>

#include "core/base/error.h"
#include "core/base/input_file.h"
#include "labs/learn/answer.h"
#include "labs/learn/child.h"
#include "labs/learn/ended.h"
#include "labs/learn/place.h"
#include "labs/learn/predictions.h"

namespace shardpipe {
namespace {

CheckResult run_grader(const CompiledAnswer& answer, const CheckOptions& options,
                       CheckResult result) {
  const auto now = std::chrono::steady_clock::now().time_since_epoch().count();
  result.seed = options.seed.value_or(1000 + static_cast<std::uint64_t>(now) % 1'000'000);
  result.library = answer.library;
  const ChildEnd end = run_child(
      {build_folder() + "/lab-grade", result.id, answer.library, answer.known, text(result.seed)});
  result.grade_s = end.seconds;
  result.output = end.output;
  result.output_left_out = end.output_left_out;
  if (end.report.empty() || end.report[0] != '{') return without_report(std::move(result), end);
  result.report = grade_report_of(end.report);
  result.code = result.report->code();
  result.score = result.report->score();
  result.checks = result.report->checks;
  result.exit = result.report->exit();
  return result;
}

}  // namespace

CheckResult check_answer(const ExerciseFile& exercise, const CheckOptions& options) {
  const std::string file = options.file.empty() ? exercise.answer_file() : options.file;
  CheckResult result{.id = exercise.id, .file = shown(file)};
  if (exercise.kind == ExerciseKind::predict) return check_predictions(exercise, result);
  const CompiledAnswer answer = compile_answer(exercise, file);
  result.compile_s = answer.seconds;
  result.compiles = answer.compiles;
  if (!answer.error.empty()) return verdict(result, "NOT_COMPILED", ExitCode::usage, answer.error);
  result.taken = answer.taken;
  if (!answer.taken.empty())
    return verdict(
        result, "OWN_CODE", ExitCode::wrong,
        text("your file calls ", answer.taken[0], ", and that is what there is to write"));
  const std::string content = read_file(file);
  remember_signatures(exercise);
  result = run_grader(answer, options, result);
  if (!is_there(file)) {
    write_file(file, content);
    result.say += (result.say.empty() ? "" : "; ") +
                  text("your code removed ", result.file, ", which has been put back");
  }
  return result;
}

}  // namespace shardpipe
