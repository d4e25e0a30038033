#include "labs/learn/variants.h"

#include <sstream>

#include "core/base/error.h"
#include "labs/grade/regions.h"
#include "labs/learn/answer.h"
#include "labs/learn/child.h"
#include "labs/learn/place.h"

namespace shardpipe {
namespace {

// Lines "NAME:LINE:COL: kind: ..." of a compiler, by NAME; the first of each.
std::map<std::string, std::string> said_of(const std::string& output, const std::string& kind) {
  std::map<std::string, std::string> first;
  std::istringstream lines(output);
  for (std::string line; std::getline(lines, line);)
    if (line.find(": " + kind + ": ") != std::string::npos)
      first.emplace(line.substr(0, line.find(':')), line);
  return first;
}

std::string source_of(const ExerciseFile& exercise, const Variants& variants) {
  return known_source(read_file(exercise.solution_file()), variants);
}

// What a process that died leaves for the variant it was at.
CheckResult died(const ChildEnd& end) {
  CheckResult result{.code = end.timed_out ? "NO_END" : "CRASH"};
  result.exit = end.timed_out ? ExitCode::deadlock : ExitCode::crash;
  if (end.exit_code == static_cast<int>(ExitCode::deadlock)) {
    result.code = "NO_END";
    result.exit = ExitCode::deadlock;
  }
  const std::size_t fault = end.report.rfind("fault ");
  if (fault != std::string::npos)
    result.say = end.report.substr(fault);
  else if (end.timed_out)
    result.say = text("it did not end within ", end.seconds, " s");
  else
    result.say = end.output.substr(0, end.output.find('\n'));
  return result;
}

}  // namespace

BuiltVariants build_variants(const ExerciseFile& exercise, const Variants& variants) {
  const std::string target = "verify_" + exercise.id;
  const std::string file = build_folder() + "/grade/" + target + ".cc";
  BuiltVariants built{.library = library_of(target)};
  write_if_other(file, source_of(exercise, variants));
  Built first = build_targets({target});
  if (!first.ok) {
    Variants rest = variants;
    for (const auto& [name, error] : said_of(first.output, "error")) {
      rest.erase(name);
      built.not_compiled[name] = error;
    }
    write_file(file, source_of(exercise, rest));
    first = build_targets({target});
    if (!first.ok)
      fail(ExitCode::wrong,
           text("the variants of ", exercise.id, " do not compile:\n", first.output));
  }
  for (const auto& [name, warning] : said_of(first.output, "warning"))
    built.warnings.push_back(warning);
  return built;
}

std::map<std::string, CheckResult> grade_variants(const ExerciseFile& exercise,
                                                  const std::string& library,
                                                  const std::vector<std::string>& names,
                                                  std::uint64_t seed, double seconds_each) {
  std::map<std::string, CheckResult> results;
  for (std::size_t next = 0; next < names.size();) {
    std::vector<std::string> words = {build_folder() + "/lab-grade", exercise.id, library,
                                      library_of("known_" + exercise.id), text(seed)};
    for (std::size_t i = next; i < names.size(); ++i) words.push_back(known_entry(names[i]));
    const double limit = seconds_each * static_cast<double>(20 + names.size() - next);
    // On a machine that has much else to do the clock goes on while they stand.
    const ChildEnd end = run_child(words, {.seconds = 5 * limit, .cpu_seconds = 2 * limit + 1});
    std::istringstream lines(end.report);
    for (std::string line; next < names.size() && std::getline(lines, line) && line[0] == '{';) {
      CheckResult result{.id = exercise.id, .report = grade_report_of(line)};
      result.code = result.report->code();
      result.score = result.report->score();
      result.exit = result.report->exit();
      results[names[next++]] = std::move(result);
    }
    if (next < names.size()) results[names[next++]] = died(end);
  }
  return results;
}

}  // namespace shardpipe
