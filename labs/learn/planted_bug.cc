#include "labs/learn/planted_bug.h"

#include <algorithm>
#include <filesystem>
#include <sstream>

#include "core/base/data_root.h"
#include "core/base/error.h"
#include "core/base/input_file.h"
#include "core/base/printable.h"
#include "labs/grade/exercise_file.h"
#include "labs/learn/child.h"
#include "labs/learn/place.h"
#include "labs/learn/second_library.h"

namespace shardpipe {
namespace {

namespace fs = std::filesystem;

std::string folder_of_bugs() { return data_root() + "/tests/planted_bugs/bugs"; }
std::string patch_of(const std::string& name) { return folder_of_bugs() + "/" + name + ".patch"; }

bool begins(const std::string& line, const char* with) { return line.rfind(with, 0) == 0; }

PlantedBug read_bug(const std::string& name) {
  const std::string kRun = "verdict: ", kFile = "+++ b/";
  PlantedBug bug{.name = name};
  std::istringstream lines(read_file(patch_of(name)));
  std::getline(lines, bug.what);
  for (std::string line; std::getline(lines, line);) {
    if (begins(line, kFile.c_str()))
      bug.file = line.substr(kFile.size(), line.find('\t') - kFile.size());
    else if (begins(line, kRun.c_str()) && !begins(line, "verdict: none"))
      bug.run = line.substr(kRun.size());
    else if ((begins(line, "-") || begins(line, "+")) && !begins(line, "---"))
      bug.change.push_back(line);
  }
  return bug;
}

// The changed text of the bug's file.
std::string text_with(const PlantedBug& bug, const std::string& folder) {
  const std::string patch = find_program("patch", "it plants bugs: install the package patch");
  const std::string changed = folder + "/patched";
  const ChildEnd end = run_child({patch, "--silent", "--fuzz=0", "--output=" + changed,
                                  data_root() + "/" + bug.file, patch_of(bug.name)});
  if (end.exit_code != 0)
    usage_error(text(bug.file, " has changed, and the bug ", bug.name, " does not fit any more"));
  return read_file(changed);
}

}  // namespace

std::vector<PlantedBug> all_planted_bugs() {
  std::vector<PlantedBug> all;
  for (const auto& entry : fs::directory_iterator(folder_of_bugs()))
    if (entry.path().extension() == ".patch") all.push_back(read_bug(entry.path().stem().string()));
  std::sort(all.begin(), all.end(), [](auto& a, auto& b) { return a.name < b.name; });
  return all;
}

PlantedBug find_planted_bug(const std::string& name) {
  if (name.find('/') != std::string::npos || !is_there(patch_of(name)))
    usage_error(text("no bug is called '", printable(name), "': ./lab plant lists them"));
  return read_bug(name);
}

void build_with_bug(const PlantedBug& bug, const std::string& folder) {
  if (fs::path(bug.file).extension() != ".cc")
    usage_error(text(bug.file,
                     " is a header, of which many files are compiled: this bug is "
                     "planted by tests/planted_bugs/run.sh ",
                     bug.name));
  const SecondLibrary library;
  const auto sources = library.sources(bug.file);
  if (sources.empty()) usage_error(text(bug.file, " is no part of libshardpipe.so in this build"));
  const std::string error = library.build(sources[0], text_with(bug, folder), folder);
  if (!error.empty()) fail(ExitCode::fault, text(bug.name, " does not compile: ", error));
}

}  // namespace shardpipe
