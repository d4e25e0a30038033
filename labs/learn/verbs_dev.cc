// dev: for those who write exercises.
#include <iostream>

#include "core/base/flags.h"
#include "core/base/terminal.h"
#include "labs/learn/answer.h"
#include "labs/learn/course.h"
#include "labs/learn/mutants.h"
#include "labs/learn/page_commands.h"
#include "labs/learn/place.h"
#include "labs/learn/predictions.h"
#include "labs/learn/scaffold.h"
#include "labs/learn/source_mutants.h"
#include "labs/learn/stubs.h"
#include "labs/learn/verbs.h"
#include "labs/learn/verify.h"

namespace shardpipe {
namespace {

int make_new(const Arguments& arguments) {
  std::string topic, id;
  Flags flags("lab dev new", "The files of a new exercise, to be filled in.");
  flags.add("topic", topic, "folder of the day, such as day03_block").required();
  flags.add("id", id, "such as day03_qkv_layout").required();
  if (!flags.parse(arguments)) return 0;
  for (const std::string& file : make_exercise(topic, id)) std::cout << file << "\n";
  std::cout << "next: labs/grade/" << topic.substr(0, 5) << "/, listed in graded_exercises.cc "
            << "(CONTRIBUTING.md)\n";
  return 0;
}

int gen(const Arguments& arguments) {
  bool check = false;
  Flags flags("lab dev gen",
              "Writes every stub of exercises/ and the tables of docs/course.md anew.");
  flags.add_switch("--check", check, "write nothing; fail if one is not as it would be written");
  if (!flags.parse(arguments)) return 0;
  int stale = 0;
  const auto renew = [&](const std::string& file, const std::string& content) {
    ++stale;
    std::cout << shown(file) << (check ? " is not what ./lab dev gen writes\n" : "\n");
    if (!check) write_file(file, content);
  };
  for (const ExerciseFile& e : all_exercises())
    if (!is_stub_current(e)) renew(e.stub_file(), made_stub(e));
  const std::string page = read_file(course_file()), course = made_course(page);
  if (page != course) renew(course_file(), course);
  return check && stale > 0 ? 1 : 0;
}

void add_mutant_flags(Flags& flags, MutantOptions& options) {
  flags.add("--sample", options.sample, "so many mutants of each exercise (0: all)")
      .between(0, 100000);
  flags.add("--seed", options.seed, "which of them").shows_default();
}

int mutate(const Arguments& arguments) {
  MutantOptions options;
  std::string id;
  Flags flags("lab dev mutate",
              "Grades the solution of an exercise with a statement left out or "
              "changed: what a mutant earns, a line each.");
  flags
      .add("exercise", id,
           "its id; or a file, folder or FILE:LINE of core/, whose mutants the tests must see")
      .required();
  add_mutant_flags(flags, options);
  if (!flags.parse(arguments)) return 0;
  if (id.rfind("core", 0) == 0) return try_source_mutants(id, options) == 0 ? 0 : 1;
  const ExerciseFile exercise = find_exercise(all_exercises(), id);
  if (exercise.kind == ExerciseKind::predict)
    usage_error(text(exercise.id, " has no code that could be changed"));
  prepare(exercise);
  int complaints = 0;
  const auto results = grade_mutants(exercise, options, [&](const std::string& what) {
    std::cout << what << "\n";
    ++complaints;
  });
  for (const auto& [name, got] : results)
    print("%-28s %3d  %s\n", name.c_str(), got.score, got.code.c_str());
  print("%zu mutants, %d complaints\n", results.size(), complaints);
  return complaints == 0 ? 0 : 1;
}

// Every `of`-th exercise, so that each part has some of every day.
std::vector<ExerciseFile> part_of(const std::vector<ExerciseFile>& all, int part, int of) {
  if (part > of) usage_error(text("--part ", part, " of ", of, ": the last one is ", of));
  std::vector<ExerciseFile> some;
  for (std::size_t i = static_cast<std::size_t>(part - 1); i < all.size();
       i += static_cast<std::size_t>(of))
    some.push_back(all[i]);
  return some;
}

int verify(const Arguments& arguments) {
  VerifyOptions options;
  std::string id;
  int part = 1, of = 1;
  Flags flags("lab dev verify", "Proves that the exercises grade what they say.");
  flags.add("exercise", id, "none: all of them");
  flags.add("--repeats", options.repeats, "of every wrong answer").between(1, 1000).shows_default();
  flags.add_switch("--mutants", options.mutants,
                   "also leave out and change statements of solutions");
  add_mutant_flags(flags, options.mutant_options);
  flags.add("--part", part, "of them all, so that parts can be verified side by side")
      .between(1, 1000);
  flags.add("--of", of, "so many parts").between(1, 1000);
  if (!flags.parse(arguments)) return 0;
  options.mutants = options.mutants || options.mutant_options.sample > 0;
  const std::vector<ExerciseFile> all = all_exercises();
  if (!id.empty()) return verify_exercises({find_exercise(all, id)}, options);
  return verify_exercises(part_of(all, part, of), options);
}

}  // namespace

int verb_dev(const Arguments& arguments) {
  const std::string usage =
      "lab dev new TOPIC ID | gen [--check] | verify [EXERCISE] [--repeats N] [--mutants] "
      "[--sample N --seed S] [--part K --of N] | mutate EXERCISE|core/... [--sample N --seed S] | "
      "docs | claims [PAGE...] [--unquoted | --update]";
  if (arguments.empty()) usage_error(usage);
  const Arguments rest(arguments.begin() + 1, arguments.end());
  if (arguments[0] == "new") return make_new(rest);
  if (arguments[0] == "gen") return gen(rest);
  if (arguments[0] == "docs" && rest.empty()) return run_page_commands() == 0 ? 0 : 1;
  if (arguments[0] == "verify") return verify(rest);
  if (arguments[0] == "claims") return verb_claims(rest);
  if (arguments[0] == "mutate") return mutate(rest);
  if (arguments[0] == "--help" || arguments[0] == "-h") {
    std::cout << usage << "\n";
    return 0;
  }
  usage_error(usage);
}

}  // namespace shardpipe
