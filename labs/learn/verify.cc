#include "labs/learn/verify.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <optional>
#include <set>
#include <sstream>

#include "core/base/data_root.h"
#include "core/base/input_file.h"
#include "core/base/terminal.h"
#include "labs/grade/questions.h"
#include "labs/grade/regions.h"
#include "labs/learn/answer.h"
#include "labs/learn/known_codes.h"
#include "labs/learn/place.h"
#include "labs/learn/plants.h"
#include "labs/learn/predictions.h"
#include "labs/learn/stubs.h"
#include "labs/learn/variants.h"

namespace shardpipe {
namespace {

namespace fs = std::filesystem;
using Results = std::map<std::string, CheckResult>;

constexpr std::uint64_t kSeeds[] = {11, 222, 3333};

// A body of one region, from tests/exercises: "// region N" or "// region N, score S", perhaps
// "// say: ...", then the body.
struct OtherBody {
  int region = 1;
  std::string body = {};
};

OtherBody read_body(const fs::path& path) {
  const std::string all = read_file(path.string());
  OtherBody other;
  if (std::sscanf(all.c_str(), "// region %d", &other.region) != 1)
    fail(ExitCode::fault, text(path.string(), ": its first line must be '// region N'"));
  std::size_t begin = all.find('\n') + 1;
  if (all.compare(begin, 8, "// say: ") == 0) begin = all.find('\n', begin) + 1;
  other.body = all.substr(begin);
  return other;
}

std::map<std::string, OtherBody> bodies_in(const ExerciseFile& e, const std::string& folder) {
  std::map<std::string, OtherBody> all;
  std::error_code none;
  for (const auto& entry :
       fs::directory_iterator(data_root() + "/tests/exercises/" + e.id + "/" + folder, none))
    all[entry.path().stem().string()] = read_body(entry.path());
  return all;
}

class Verifying {
 public:
  Verifying(const ExerciseFile& exercise, const VerifyOptions& options)
      : e_(exercise), options_(options) {}

  int run();  // complaints
  // Of one check after an edit: compiling and grading. None: there is nothing to compile.
  std::optional<double> seconds_of_check() const { return check_s_; }

 private:
  void complain(const std::string& what) {
    std::cout << "  " << e_.id << ": " << what << "\n";
    ++complaints_;
  }
  void expect(const std::string& what, const CheckResult& got, const std::string& code, int score) {
    ++graded_;
    if (got.code != code || got.score != score)
      complain(text(what, " gets ", got.code, " and ", got.score, ", expected ", code, " and ",
                    score, got.say.empty() ? "" : " (" + got.say + ")"));
  }
  void expect_page(const std::string& code);
  void check_pages();
  void check_predictions_of();
  Variants made();
  void grade_made(const Variants& variants);
  void expect_stub(const CheckResult& got);
  void expect_wrong(const std::string& name, const CheckResult& got);
  void grade_wrong();
  void check_plants();
  void check_edited();
  CheckResult check_source(const std::string& source);

  const ExerciseFile& e_;
  const VerifyOptions& options_;
  const std::string source_ = e_.kind == ExerciseKind::predict ? "" : read_file(e_.solution_file());
  std::map<std::string, OtherBody> right_, like_;
  std::set<std::string> pages_;  // that were looked for
  int complaints_ = 0, graded_ = 0;
  std::size_t mutants_ = 0;
  std::optional<double> check_s_ = {};
};

void Verifying::expect_page(const std::string& code) {
  const std::string file = data_root() + "/docs/why/" + code + ".md";
  if (pages_.insert(code).second && !is_there(file)) complain("there is no " + shown(file));
}

void Verifying::check_pages() {
  for (const WrongAnswer& wrong : e_.wrong) expect_page(wrong.code);
  if (!is_there(e_.folder + "/explain.md")) complain("there is no explain.md");
  if (!is_stub_current(e_)) complain(shown(e_.stub_file()) + " is not what ./lab dev gen writes");
}

// Every right answer is accepted, every known guess named, and no two guesses are alike.
void Verifying::check_predictions_of() {
  for (const Question& q : questions_of(e_.id)) {
    ++graded_;
    if (!q.accepts(q.answer)) complain(q.key + " does not accept its answer");
    for (const KnownGuess& guess : q.guesses) {
      ++graded_;
      if (q.accepts(guess.value)) complain(q.key + " accepts the wrong " + guess.code);
      if (q.guess_of(guess.value) != &guess) complain(q.key + ": guesses alike, " + guess.code);
      expect_page(guess.code);
    }
  }
}

Variants Verifying::made() {
  const std::string file = e_.solution_file();
  Variants all = {{"stub", made_stub(e_)}};
  const std::vector<Region> regions = regions_of(source_, file);
  for (const Region& only : regions) {
    if (regions.size() == 1) break;
    std::map<int, std::string> others;
    for (const Region& other : regions)
      if (other.number != only.number)
        others[other.number] = text("  not_written(", other.number, ");\n");
    all[text("only_", only.number)] = with_bodies(source_, file, others);
  }
  // As a learner would write them, in another library than the known ones.
  for (const WrongAnswer& wrong : e_.wrong)
    all["mine_" + wrong.name] = with_bodies(source_, file, {{wrong.region, wrong.body}});
  for (const auto& [name, other] : right_)
    all["right_" + name] = with_bodies(source_, file, {{other.region, other.body}});
  for (const auto& [name, other] : like_)
    all["like_" + name] = with_bodies(source_, file, {{other.region, other.body}});
  return all;
}

void Verifying::expect_stub(const CheckResult& got) {
  if (e_.kind == ExerciseKind::fix)
    expect("the stub", got, e_.planted.at(0), 0);
  else
    expect("the stub", got, e_.kind == ExerciseKind::test ? "KILLS_NOTHING" : "NOT_WRITTEN", 0);
  // What is to be mended may be a wrong number, or that nobody moves any more.
  const bool ends_so = e_.kind == ExerciseKind::fix
                           ? got.exit == ExitCode::wrong || got.exit == ExitCode::deadlock
                           : got.exit == ExitCode::not_written;
  if (!ends_so) complain(text("the stub ends with ", static_cast<int>(got.exit)));
}

void Verifying::grade_made(const Variants& variants) {
  const BuiltVariants built = build_variants(e_, variants);
  for (const auto& [name, error] : built.not_compiled) complain(error);
  for (const std::string& warning : built.warnings) complain(warning);
  std::vector<std::string> names = {"solution"};
  for (const auto& [name, source] : variants)
    if (built.not_compiled.count(name) == 0) names.push_back(name);
  for (const std::uint64_t seed : kSeeds) {
    const Results results = grade_variants(
        e_, built.library, seed == kSeeds[0] ? names : std::vector<std::string>{"solution"}, seed);
    for (const auto& [name, got] : results) {
      if (name == "stub") expect_stub(got);
      if (name == "solution" || name.rfind("right_", 0) == 0) expect(name, got, "PASS", 100);
      if (name.rfind("mine_", 0) == 0) expect_wrong(name.substr(5), got);
      if (name.rfind("only_", 0) == 0)
        expect(name, got, "NOT_WRITTEN", e_.shares.at(static_cast<std::size_t>(name[5] - '1')));
      if (name.rfind("like_", 0) != 0) continue;
      ++graded_;
      const std::string file = name.substr(5), code = file.substr(0, file.find('.'));
      if (got.code != code && got.code != "UNKNOWN")
        complain(text(name, " is called ", got.code, ", and is ", code));
    }
  }
}

void Verifying::expect_wrong(const std::string& name, const CheckResult& got) {
  for (const WrongAnswer& wrong : e_.wrong)
    if (wrong.name == name) expect(name, got, wrong.code, wrong.score);
}

void Verifying::grade_wrong() {
  std::vector<std::string> names;
  for (const WrongAnswer& wrong : e_.wrong) names.push_back(wrong.name);
  for (int repeat = 1; repeat < options_.repeats; ++repeat) {  // one has been made already
    const Results results =
        grade_variants(e_, library_of("known_" + e_.id), names,
                       kSeeds[static_cast<std::size_t>(repeat) % std::size(kSeeds)]);
    for (const WrongAnswer& wrong : e_.wrong) expect_wrong(wrong.name, results.at(wrong.name));
  }
}

// As a learner's file is checked.
CheckResult Verifying::check_source(const std::string& source) {
  const std::string file = build_folder() + "/grade/planted_" + e_.id + ".cc";
  write_file(file, source);
  return check_answer(e_, {.seed = kSeeds[0], .file = file});
}

void Verifying::check_plants() {
  std::vector<Plant> plants;
  try {
    plants = plants_of(e_);
  } catch (const Error& e) {
    complain(e.what());
  }
  for (const Plant& plant : plants) {
    const CheckResult got = check_source(plant.source);
    expect(plant.what, got, "OWN_CODE", 0);
    if (got.taken != plant.finds) complain(text("not all is seen in ", plant.what));
  }
}

// A mistake takes longest: it has to be named. The number makes it a file that was never compiled.
void Verifying::check_edited() {
  const WrongAnswer& wrong = e_.wrong.at(0);
  const auto number = std::chrono::system_clock::now().time_since_epoch().count();
  const CheckResult got =
      check_source(with_bodies(source_, e_.solution_file(), {{wrong.region, wrong.body}}) +
                   text("extern const long long edited = ", number, ";\n"));
  expect(wrong.name + ", in a file", got, wrong.code, wrong.score);
  check_s_ = got.compile_s + got.grade_s;
}

int Verifying::run() {
  const auto begin = std::chrono::steady_clock::now();
  check_pages();
  if (e_.kind == ExerciseKind::predict) {
    check_predictions_of();
  } else {
    prepare(e_);
    right_ = bodies_in(e_, "right");
    like_ = bodies_in(e_, "like");
    if (right_.size() < 2) complain("there are fewer than two further right solutions");
    if (like_.size() < 3) complain("there are fewer than three mistakes spelled in another way");
    grade_made(made());
    grade_wrong();
    check_plants();
    check_edited();
    if (options_.mutants)
      mutants_ =
          grade_mutants(e_, options_.mutant_options, [this](auto& what) { complain(what); }).size();
  }
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  print("%-26s %3zu wrong answers, %3d gradings, %3zu mutants, %5.1f s   %s\n", e_.id.c_str(),
        e_.wrong.size(), graded_, mutants_, seconds,
        complaints_ == 0 ? "ok" : text(complaints_, " complaints").c_str());
  std::cout.flush();
  return complaints_;
}

// Pages that no exercise needs.
int check_unused_pages() {
  int unused = 0;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(data_root() + "/docs/why", none)) {
    if (known_codes().count(entry.path().stem().string()) != 0) continue;
    std::cout << "  " << shown(entry.path().string()) << ": no exercise has that code\n";
    ++unused;
  }
  return unused;
}

}  // namespace

int verify_exercises(const std::vector<ExerciseFile>& exercises, const VerifyOptions& options) {
  int complaints = 0;
  std::vector<double> seconds;
  for (const ExerciseFile& e : exercises) {
    Verifying verifying(e, options);
    complaints += verifying.run();
    if (const auto of_check = verifying.seconds_of_check()) seconds.push_back(*of_check);
  }
  if (!seconds.empty()) {
    std::sort(seconds.begin(), seconds.end());
    print("a check after an edit takes %.1f s (median; at most 5 s on 2 idle cores)\n",
          seconds[seconds.size() / 2]);
  }
  if (exercises.size() > 1) complaints += check_unused_pages();
  print("%zu exercises, %d complaints\n", exercises.size(), complaints);
  return complaints == 0 ? 0 : 1;
}

}  // namespace shardpipe
