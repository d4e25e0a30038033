// What a check says.
#include <algorithm>
#include <cstdio>
#include <iostream>
#include <sstream>

#include "core/base/json.h"
#include "core/base/printable.h"
#include "core/base/terminal.h"
#include "core/trace/units.h"
#include "labs/grade/questions.h"
#include "labs/grade/regions.h"
#include "labs/learn/check.h"
#include "labs/learn/page.h"

namespace shardpipe {
namespace {

constexpr int kColumns = 100;
constexpr const char* kMargin = "         ";

// Findings may hold what the learner's program threw.
void print_wrapped(const std::string& words) { std::cout << wrapped(printable(words), kMargin); }

// Of a compiler, or of the learner's program.
std::string line_of(std::string words) {
  std::replace(words.begin(), words.end(), '\t', ' ');
  return printable(words);
}

void print_lines(const std::string& lines) {
  std::istringstream all(lines);
  for (std::string line; std::getline(all, line);) std::cout << kMargin << line_of(line) << "\n";
}

const char* word_of(const RegionReport& r) {
  if (r.code == "PASS") return "ok";
  if (r.code == "NOT_WRITTEN") return "not written";
  if (r.code == "KILLS_NOTHING") return "no kills";
  if (r.code == "NOT_ANSWERED") return "no answer";
  return r.exit == ExitCode::deadlock ? "HANG" : "WRONG";
}

// What a finding says but for its case and numbers: "race on rank 0: ... (3 ranks, integers)" and
// the same race in another case have the same.
std::string kind_of(const std::string& finding) {
  std::string kind = finding.substr(0, finding.rfind(" ("));
  kind.erase(std::remove_if(kind.begin(), kind.end(), [](char c) { return c >= '0' && c <= '9'; }),
             kind.end());
  return kind;
}

void print_region(const RegionReport& r, const std::string& promise) {
  print("region %d  %-11s %s\n", r.region, word_of(r),
        r.exit == ExitCode::success || r.exit == ExitCode::not_written ? promise.c_str()
                                                                       : r.code.c_str());
  if (!r.say.empty()) print_wrapped(r.say + ".");
  if (!r.findings.empty()) print_wrapped(r.findings[0]);
  for (const std::string& line : r.picture) std::cout << kMargin << printable(line) << "\n";
  if (r.findings.size() > 1) {
    const auto other = std::find_if(
        r.findings.begin() + 1, r.findings.end(),
        [&](const std::string& finding) { return kind_of(finding) != kind_of(r.findings[0]); });
    print_wrapped(text("and ", r.findings.size() - 1, " more",
                       other == r.findings.end() ? " like it" : ", such as: " + *other));
  }
  if (!r.also.empty()) {
    std::string codes;
    for (const std::string& code : r.also) codes += (codes.empty() ? "" : ", ") + code;
    print_wrapped("several known mistakes do exactly this: " + codes);
  }
}

// What each region, or question, is about.
std::vector<std::string> promises_of(const ExerciseFile& exercise) {
  std::vector<std::string> promises;
  if (exercise.kind == ExerciseKind::predict)
    for (const Question& question : questions_of(exercise.id)) promises.push_back(question.ask);
  else
    for (const Region& region :
         regions_of(read_file(exercise.solution_file()), exercise.solution_file()))
      promises.push_back(region.promise);
  return promises;
}

void print_regions(const ExerciseFile& exercise, const GradeReport& report) {
  const std::vector<std::string> promises = promises_of(exercise);
  std::cout.flush();
  for (const RegionReport& r : report.regions) {
    print_region(r, promises.at(static_cast<std::size_t>(r.region) - 1));
    std::cout.flush();
  }
}

void print_output(const CheckResult& result) {
  if (result.output.empty()) return;
  std::cout << "your code printed\n";
  std::istringstream lines(result.output);
  int shown = 0;
  std::string line;
  while (shown < 20 && std::getline(lines, line)) {
    std::cout << "       | " << printable(line_of(line), kColumns) << "\n";
    ++shown;
  }
  const std::size_t rest =
      result.output_left_out +
      (lines.eof() ? 0 : result.output.size() - static_cast<std::size_t>(lines.tellg()));
  if (rest > 0) std::cout << "       | ... and " << rest << " bytes more\n";
}

// Of the regions, in their order.
std::vector<std::string> codes_of(const CheckResult& result) {
  std::vector<std::string> codes;
  if (result.report)
    for (const RegionReport& region : result.report->regions) codes.push_back(region.code);
  return codes;
}

std::string advice(const ExerciseFile& exercise, const CheckResult& result) {
  if (result.passed())
    return text("./lab next \u00b7 ./lab reveal ", exercise.id, " shows ours and why it is so");
  std::string words = "./lab hint";
  for (const std::string& code : codes_of(result))
    if (has_page(code)) return words + " \u00b7 ./lab why " + code;
  return words + " \u00b7 ./lab watch";
}

}  // namespace

void print_check(const ExerciseFile& exercise, const CheckResult& result, bool verbose) {
  std::cout << "graded   " << result.file << "  (" << exercise.title << ")\n";
  print_output(result);
  if (result.report) print_regions(exercise, *result.report);
  if (!result.say.empty()) {
    std::cout << result.code << "\n";
    if (result.code == "NOT_COMPILED")
      print_lines(result.say);
    else
      print_wrapped(result.say + ".");
  }
  if (verbose)
    print("times    compile %.2f s (files: %d), grade %.2f s (known wrong answers run: %d)\n",
          result.compile_s, result.compiles, result.grade_s,
          result.report ? result.report->known_runs : 0);
  print("score    %d / 100      %s\n", result.score, advice(exercise, result).c_str());
  std::cout.flush();
}

void print_confirmed(const CheckResult& result) {
  print_output(result);
  std::cout << "device   " << result.device << ": "
            << (result.passed() ? "the same cases, and every rank holds the right numbers"
                                : result.code)
            << "\n";
  if (!result.say.empty()) print_wrapped(result.say + ".");
  if (!result.report) return;
  const RegionReport& report = result.report->regions.at(0);
  print_wrapped(report.findings.at(0));
  for (const std::string& line : report.picture) std::cout << kMargin << printable(line) << "\n";
}

std::string verdict_line(const CheckResult& r) {
  return text("LABVERDICT ", r.id, " ", r.device, " ", r.code, " ",
              r.device == "cpu" ? text(r.score) : "-", " checks=", r.checks);
}

std::string to_json(const CheckResult& r, const std::optional<CheckResult>& confirmed) {
  Json regions = Json::list();
  if (r.report)
    for (const RegionReport& region : r.report->regions)
      regions.push_back({{"region", region.region},
                         {"code", region.code},
                         {"points", region.points},
                         {"say", region.say},
                         {"findings", region.findings},
                         {"picture", region.picture}});
  Json document = {{"id", r.id},         {"file", r.file},           {"code", r.code},
                   {"score", r.score},   {"checks", r.checks},       {"say", r.say},
                   {"output", r.output}, {"compile_s", r.compile_s}, {"grade_s", r.grade_s},
                   {"regions", regions}};
  if (confirmed) {
    Json findings = Json::list();
    if (confirmed->report) findings = confirmed->report->regions.at(0).findings;
    document.set("confirmed", {{"device", confirmed->device},
                               {"code", confirmed->code},
                               {"checks", confirmed->checks},
                               {"say", confirmed->say},
                               {"findings", findings}});
  }
  return document.dump(2);
}

}  // namespace shardpipe
