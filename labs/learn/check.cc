#include "labs/learn/check.h"

#include <chrono>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <sstream>

#include "core/base/error.h"
#include "labs/learn/answer.h"
#include "labs/learn/child.h"
#include "labs/learn/place.h"
#include "labs/learn/predictions.h"

namespace shardpipe {
namespace {

CheckResult verdict(CheckResult result, const char* code, ExitCode exit, const std::string& say) {
  result.code = code;
  result.exit = exit;
  result.say = say;
  return result;
}

// "mine/x.cc:41", from an offset in a library: the innermost line that is in that file, since what
// it calls may have become a part of it. "" where the tool for it is not there.
std::string line_at(const std::string& library, const std::string& offset,
                    const std::string& file) {
  if (offset == "0" || access("/usr/bin/addr2line", X_OK) != 0) return "";
  const ChildEnd told = run_child({"/usr/bin/addr2line", "-i", "-e", library, "0x" + offset});
  std::istringstream lines(told.output);
  for (std::string line; std::getline(lines, line);) {
    const std::string where = line.substr(0, line.find(' '));
    const std::size_t at = where.find(file);
    if (at != std::string::npos) return where.substr(at);
  }
  return "";
}

// "fault WHAT|DEVICE|CASE|RANK|OFFSET": what guard.h has the process say.
CheckResult crashed(CheckResult result, const std::string& line, const std::string& library) {
  std::istringstream parts(line.substr(6));
  std::string what, device, name, rank, offset;
  for (std::string* part : {&what, &device, &name, &rank, &offset}) std::getline(parts, *part, '|');
  const std::string where = line_at(library, offset, result.file);
  std::string say = "your code ends in " + what;
  if (rank != "-1") say += text(", rank ", rank, " of ", name, ", on the ", device, " device");
  if (!where.empty()) say += " (" + where + ")";
  if (device == "modelled" && what.find("memory access") != std::string::npos)
    say += "; tensors of that device have no numbers to look at: compute with math";
  return verdict(std::move(result), "CRASH", ExitCode::crash, say);
}

// Takes the last line away: a process of the kit that ends says why in it.
std::string last_line(std::string& output) {
  output.erase(output.find_last_not_of('\n') + 1);
  const std::size_t begin = output.rfind('\n') + 1;
  std::string line = output.substr(begin);
  output.erase(begin);
  return line.rfind("lab: ", 0) == 0 ? line.substr(5) : line;
}

CheckResult without_report(CheckResult result, const ChildEnd& end, const std::string& library) {
  const std::size_t fault = end.report.find("fault ");
  if (fault != std::string::npos)
    return crashed(std::move(result),
                   end.report.substr(fault, end.report.find('\n', fault) - fault), library);
  if (end.timed_out)
    return verdict(std::move(result), "NO_END", ExitCode::deadlock,
                   text("your code did not end within ", ChildLimits().seconds, " s"));
  const std::string sentence = last_line(result.output);
  if (end.signal != 0)
    return verdict(std::move(result), "CRASH", ExitCode::crash,
                   text("your code was ended by a signal (", strsignal(end.signal), ")"));
  if (end.exit_code == static_cast<int>(ExitCode::deadlock))
    return verdict(std::move(result), "NO_END", ExitCode::deadlock, sentence);
  if (sentence.rfind("lab-grade: the answer", 0) == 0)
    return verdict(std::move(result), "NO_ENTRY", ExitCode::usage, sentence.substr(11));
  if (end.exit_code == static_cast<int>(ExitCode::fault)) fail(ExitCode::fault, sentence);
  return verdict(std::move(result), "CRASH", ExitCode::crash,
                 text("your code ended its process (exit code ", end.exit_code, "): ", sentence));
}

CheckResult run_grader(const CompiledAnswer& answer, const CheckOptions& options,
                       CheckResult result) {
  const auto now = std::chrono::steady_clock::now().time_since_epoch().count();
  const std::uint64_t seed =
      options.seed.value_or(1000 + static_cast<std::uint64_t>(now) % 1'000'000);
  const ChildEnd end = run_child(
      {build_folder() + "/lab-grade", result.id, answer.library, answer.known, text(seed)});
  result.grade_s = end.seconds;
  result.output = end.output;
  result.output_left_out = end.output_left_out;
  if (end.report.empty() || end.report[0] != '{')
    return without_report(std::move(result), end, answer.library);
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
  if (!answer.error.empty()) return verdict(result, "NOT_COMPILED", ExitCode::usage, answer.error);
  if (!answer.taken.empty())
    return verdict(result, "OWN_CODE", ExitCode::wrong,
                   text("your file calls ", answer.taken, ", and that is what there is to write"));
  const std::string content = read_file(file);
  result = run_grader(answer, options, result);
  if (!std::filesystem::exists(file)) {
    write_file(file, content);
    result.say += (result.say.empty() ? "" : "; ") +
                  text("your code removed ", result.file, ", which has been put back");
  }
  return result;
}

}  // namespace shardpipe
