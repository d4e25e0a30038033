// plant: a run with one of the planted bugs, so that one sees what it does.
#include <algorithm>
#include <cstdlib>
#include <iostream>

#include "core/base/error.h"
#include "core/base/flags.h"
#include "core/base/printable.h"
#include "core/base/terminal.h"
#include "labs/cli/front.h"
#include "labs/cli/program.h"
#include "labs/cli/scratch_folder.h"
#include "labs/learn/planted_bug.h"
#include "labs/learn/verbs.h"

namespace shardpipe {
namespace {

int list_bugs() {
  int others = 0;
  for (const PlantedBug& bug : all_planted_bugs()) {
    others += bug.run.empty() ? 1 : 0;
    if (bug.run.empty()) continue;
    print("  %-28s  %s\n", bug.name.c_str(), bug.what.c_str());
  }
  print(
      "\n%d more change no result of a run that is compared with one rank, or change both alike: "
      "only\ntests see them (docs/planted_bugs.md).\nnext: ./lab plant NAME\n",
      others);
  return 0;
}

std::vector<std::string> title_of(const PlantedBug& bug) {
  std::vector<std::string> lines = {text("planted ", bug.name, ": ", bug.what), bug.file};
  lines.insert(lines.end(), bug.change.begin(), bug.change.end());
  return lines;
}

int show(const PlantedBug& bug) {
  for (const std::string& line : title_of(bug)) std::cout << printable(line) << "\n";
  if (bug.run.empty())
    std::cout << "only tests see it: docs/planted_bugs.md says which; -- run LAB ... runs any lab "
                 "with it\n";
  else
    std::cout << "see it: ./lab plant " << bug.name << " -- run " << bug.run << "\n";
  return 0;
}

int run_with(const PlantedBug& bug, const Arguments& words) {
  if (words[0] != "run" && words[0] != "compare")
    usage_error(text("a bug shows in run or compare, not in '", printable(words[0]), "'"));
  const ScratchFolder folder;
  build_with_bug(bug, folder.path());
  for (const std::string& line : title_of(bug)) say_bare(line);  // stdout is the run's
  const char* before = std::getenv("LD_LIBRARY_PATH");
  const std::string rest = before == nullptr ? "" : text(":", before);
  return run_in_front(find_program("program of the labs", "lab"), words,
                      {text("LD_LIBRARY_PATH=", folder.path(), rest)});
}

}  // namespace

int verb_plant(const Arguments& arguments) {
  const auto dashes = std::find(arguments.begin(), arguments.end(), "--");
  std::string name;
  Flags flags("lab plant", "What a bug does to a run: the kit is built with it, beside the build.");
  flags.add("bug", name, "its name; none: all of them");
  flags.example(
      "lab plant                                    the bugs that a run shows\n"
      "lab plant NAME                               one of them\n"
      "lab plant NAME -- run tp-mlp --tp 2          a run with it");
  if (!flags.parse({arguments.begin(), dashes})) return 0;
  if (name.empty() && dashes == arguments.end()) return list_bugs();
  if (name.empty()) usage_error("which bug? ./lab plant lists them");
  const PlantedBug bug = find_planted_bug(name);
  if (dashes == arguments.end()) return show(bug);
  if (dashes + 1 == arguments.end())
    usage_error(text("after -- comes what to run: ./lab plant ", name, " -- run LAB ..."));
  return run_with(bug, {dashes + 1, arguments.end()});
}

}  // namespace shardpipe
