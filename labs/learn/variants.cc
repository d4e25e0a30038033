#include "labs/learn/variants.h"

#include <algorithm>
#include <cctype>
#include <cstring>
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
  result.say = end.report.substr(end.report.rfind("fault ") == std::string::npos
                                     ? end.report.size()
                                     : end.report.rfind("fault "));
  return result;
}

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

// A line that is one statement and declares nothing: leaving it out leaves code that compiles.
bool may_go(const std::string& line) {
  const std::size_t at = line.find_first_not_of(' ');
  if (at == std::string::npos || line.back() != ';') return false;
  const std::string word = line.substr(at, line.find_first_of(" ,;", at) - at);
  for (const char* declares : {"const", "auto", "int", "Index", "Tensor", "using", "double", "bool",
                               "std::vector<Action>", "std::string", "//", "return"})
    if (word == declares) return false;
  const auto count = [&](char c) { return std::count(line.begin(), line.end(), c); };
  return count('(') == count(')') && count('{') == count('}');  // "};" ends something
}

struct Change {
  const char *what, *by, *name;
};

constexpr Change kChanges[] = {
    {" + ", " - ", "minus"},      {" - ", " + ", "plus"},    {" < ", " <= ", "at_most"},
    {" == ", " != ", "unlike"},   {" += ", " = ", "assign"}, {" - 1", "", "not_one_less"},
    {" + 1", "", "not_one_more"}, {"++", "--", "down"},      {"std::min", "std::max", "max"}};

// Replaces [begin, end) of the source.
std::string with(const std::string& source, std::size_t begin, std::size_t end,
                 const std::string& by) {
  return source.substr(0, begin) + by + source.substr(end);
}

void add_line_mutants(Variants& all, const std::string& source, std::size_t begin, std::size_t end,
                      const std::string& name) {
  const std::string line = source.substr(begin, end - begin);
  const std::size_t comment = std::min(line.find("//"), line.size());
  if (may_go(line)) all[name + "_left_out"] = with(source, begin, end, "");
  for (const Change& change : kChanges) {
    int count = 0;
    for (std::size_t at = line.find(change.what); at < comment;
         at = line.find(change.what, at + 1)) {
      const std::size_t after = at + std::strlen(change.what);
      if (std::isdigit(static_cast<unsigned char>(change.what[std::strlen(change.what) - 1])) !=
              0 &&
          after < line.size() && is_word(line[after]))
        continue;
      all[text(name, "_", change.name, ++count)] =
          with(source, begin + at, begin + after, change.by);
    }
  }
}

}  // namespace

BuiltVariants build_variants(const ExerciseFile& exercise, const Variants& variants) {
  const std::string target = "verify_" + exercise.id;
  const std::string file = build_folder() + "/grade/" + target + ".cc";
  BuiltVariants built{.library = library_of(target)};
  write_file(file, source_of(exercise, variants));
  Built first = build_targets({target});
  if (!first.ok) {
    Variants rest = variants;
    for (const auto& [name, error] : said_of(first.output, "error")) {
      rest.erase(name);
      built.not_compiled[name] = error;
    }
    write_file(file, source_of(exercise, rest));
    first = build_targets({target});
    if (!first.ok) fail(text("the variants of ", exercise.id, " do not compile:\n", first.output));
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
    const ChildEnd end = run_child(words, {.seconds = limit, .cpu_seconds = 2 * limit + 1});
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

Variants mutants_of(const std::string& solution, const std::string& file) {
  Variants all;
  for (const Region& region : regions_of(solution, file)) {
    int number = 0;
    for (std::size_t begin = region.begin; begin < region.end;) {
      const std::size_t end = solution.find('\n', begin);
      add_line_mutants(all, solution, begin, end, text("r", region.number, "_l", ++number));
      begin = end + 1;
    }
  }
  return all;
}

}  // namespace shardpipe
