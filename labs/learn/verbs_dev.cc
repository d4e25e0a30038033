// dev: for those who write exercises.
#include <CLI/CLI.hpp>
#include <iostream>

#include "labs/cli/parse_flags.h"
#include "labs/learn/page_commands.h"
#include "labs/learn/place.h"
#include "labs/learn/predictions.h"
#include "labs/learn/scaffold.h"
#include "labs/learn/stubs.h"
#include "labs/learn/verbs.h"
#include "labs/learn/verify.h"

namespace shardpipe {
namespace {

int make_new(const Arguments& arguments) {
  std::string topic, id;
  CLI::App app("The files of a new exercise, to be filled in.", "lab dev new");
  app.add_option("topic", topic, "folder of the day, such as day03_block")->required();
  app.add_option("id", id, "such as day03_qkv_layout")->required();
  if (!parse_flags(app, arguments)) return 0;
  for (const std::string& file : make_exercise(topic, id)) std::cout << file << "\n";
  std::cout << "next: labs/grade/" << topic.substr(0, 5) << "/, listed in graded_exercises.cc "
            << "(CONTRIBUTING.md)\n";
  return 0;
}

int gen(const Arguments& arguments) {
  bool check = false;
  CLI::App app("Writes every stub of exercises/ anew, from solutions/.", "lab dev gen");
  app.add_flag("--check", check, "write nothing; fail if one is not as it would be written");
  if (!parse_flags(app, arguments)) return 0;
  int stale = 0;
  for (const ExerciseFile& e : all_exercises()) {
    if (is_stub_current(e)) continue;
    ++stale;
    std::cout << shown(e.stub_file()) << (check ? " is not what ./lab dev gen writes\n" : "\n");
    if (!check) write_file(e.stub_file(), made_stub(e));
  }
  return check && stale > 0 ? 1 : 0;
}

int verify(const Arguments& arguments) {
  VerifyOptions options;
  std::string id;
  CLI::App app("Proves that the exercises grade what they say.", "lab dev verify");
  app.add_option("exercise", id, "none: all of them");
  app.add_option("--repeats", options.repeats, "of every wrong answer")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  app.add_flag("--mutants", options.mutants, "also leave out and change statements of solutions");
  if (!parse_flags(app, arguments)) return 0;
  std::vector<ExerciseFile> all = all_exercises();
  if (!id.empty()) all = {find_exercise(all, id)};
  return verify_exercises(all, options);
}

}  // namespace

int verb_dev(const Arguments& arguments) {
  const std::string usage =
      "lab dev new TOPIC ID | gen [--check] | verify [EXERCISE] [--repeats N] [--mutants] | docs";
  if (arguments.empty()) usage_error(usage);
  const Arguments rest(arguments.begin() + 1, arguments.end());
  if (arguments[0] == "new") return make_new(rest);
  if (arguments[0] == "gen") return gen(rest);
  if (arguments[0] == "docs" && rest.empty()) return run_page_commands() == 0 ? 0 : 1;
  if (arguments[0] == "verify") return verify(rest);
  if (arguments[0] == "--help" || arguments[0] == "-h") {
    std::cout << usage << "\n";
    return 0;
  }
  usage_error(usage);
}

}  // namespace shardpipe
