#include "labs/grade/grade.h"

#include <dlfcn.h>

#include <filesystem>
#include <set>

#include "labs/grade/regions.h"

namespace shardpipe {
namespace {

double points_of(const ExerciseFile& exercise, int region, const Trial& trial) {
  const Points& points = exercise.points;
  double sum = 0;
  if (trial.fits(Dimension::correctness)) sum += points.correctness;
  if (trial.fits(Dimension::communication)) sum += points.communication;
  if (trial.fits(Dimension::schedule)) sum += points.schedule;
  if (trial.fits(Dimension::memory)) sum += points.memory;
  return sum * trial.earned * exercise.shares.at(static_cast<std::size_t>(region - 1)) / 100.0;
}

// Exactly one name for what was done, or none.
void name_it(RegionReport& report, const std::vector<const WrongAnswer*>& same) {
  report.code = "UNKNOWN";
  std::set<std::string> codes;
  for (const WrongAnswer* wrong : same) codes.insert(wrong->code);
  if (codes.size() > 1) report.also = {codes.begin(), codes.end()};
  if (codes.size() != 1) return;
  report.code = same[0]->code;
  report.say = same[0]->say;
}

}  // namespace

AnswerLibrary::AnswerLibrary(const std::string& file) : file_(file) {
  handle_ = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle_ == nullptr) fail(ExitCode::usage, text("the answer does not load: ", dlerror()));
}

Entry AnswerLibrary::entry(const std::string& symbol) const {
  void* address = dlsym(handle_, symbol.c_str());
  if (address == nullptr)
    fail(ExitCode::usage, text("the answer has no function ", symbol,
                               ": the end of the file must be that of the stub"));
  return reinterpret_cast<Entry>(address);
}

Entry Grading::solution() const { return known_.entry(known_entry("solution")); }

// What an earlier process has found out (./lab check has it done before it grades).
void Grading::recall() {
  if (has_recalled_) return;
  has_recalled_ = true;
  const std::string grader = std::filesystem::read_symlink("/proc/self/exe").string();
  const std::string key = signatures_key(known_.file(), grader);
  if (auto recalled = read_signatures(signatures_file(known_.file()), key))
    signatures_ = std::move(*recalled);
}

const std::string& Grading::signature_of(const WrongAnswer& wrong) {
  const auto found = signatures_.find(wrong.name);
  if (found != signatures_.end()) return found->second;
  ++known_runs_;
  const Entry entry = known_.entry(known_entry(wrong.name));
  return signatures_[wrong.name] =
             digest_of(graded_.try_out(wrong.region, entry, solution(), kSignatureSeed).signature);
}

Signatures Grading::signatures() {
  for (const WrongAnswer& wrong : exercise_.wrong) signature_of(wrong);
  return signatures_;
}

// The known wrong answers of a region that do what `mine` does, on the same inputs.
std::vector<const WrongAnswer*> Grading::alike(int region, Entry mine) {
  recall();
  const std::string signature =
      digest_of(graded_.try_out(region, mine, solution(), kSignatureSeed).signature);
  std::vector<const WrongAnswer*> all;
  for (const WrongAnswer& wrong : exercise_.wrong)
    if (wrong.region == region && signature_of(wrong) == signature) all.push_back(&wrong);
  return all;
}

RegionReport Grading::grade_region(int region, Entry mine, std::uint64_t seed, int& checks) {
  const Trial trial = graded_.try_out(region, mine, solution(), seed);
  checks += trial.checks;
  RegionReport report{.region = region, .code = "PASS", .exit = trial.code};
  if (!trial.not_written)
    for (const Finding& finding : trial.findings) report.findings.push_back(finding.said);
  if (trial.untouched()) {
    report.code = exercise_.kind == ExerciseKind::test ? "KILLS_NOTHING" : "NOT_WRITTEN";
    report.exit = ExitCode::not_written;
    return report;
  }
  report.points = points_of(exercise_, region, trial);
  if (trial.right()) return report;
  if (report.exit == ExitCode::success) report.exit = ExitCode::wrong;
  report.picture = trial.findings[0].picture;
  name_it(report, alike(region, mine));
  // A fix starts with code that may do some things right; what was there earns nothing.
  const auto planted = static_cast<std::size_t>(region - 1);
  if (planted < exercise_.planted.size() && report.code == exercise_.planted[planted])
    report.points = 0;
  return report;
}

GradeReport Grading::grade(Entry mine, std::uint64_t seed) {
  GradeReport report;
  known_runs_ = 0;
  for (int region = 1; region <= graded_.regions(); ++region)
    report.regions.push_back(grade_region(region, mine, seed, report.checks));
  report.known_runs = known_runs_;
  if (report.checks == 0) fail(ExitCode::fault, "nothing was checked");
  return report;
}

}  // namespace shardpipe
