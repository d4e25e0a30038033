#include "labs/learn/test_programs.h"

#include <algorithm>
#include <filesystem>
#include <vector>

#include "core/base/data_root.h"
#include "core/base/input_file.h"
#include "core/base/terminal.h"
#include "labs/grade/exercise_file.h"
#include "labs/learn/place.h"
#include "labs/learn/second_library.h"

namespace shardpipe {
namespace {

namespace fs = std::filesystem;

constexpr double kTest_s = 300;  // with the build's own library
// With another: what it takes with that one, so often, and these. A program that takes longer has
// seen the difference.
constexpr double kSlower = 5, kPatience_s = 10;

// Of the tests of a folder, or else of the one that it lies in.
std::string list_of(fs::path folder) {
  while (!is_there((folder / "CMakeLists.txt").string())) folder = folder.parent_path();
  return read_file((folder / "CMakeLists.txt").string());
}

// The programs of tests/<folder of the source>, then all others.
std::vector<std::string> tests_of(const std::string& source) {
  std::vector<std::string> own, others;
  const std::string list = list_of(fs::path(data_root()) / "tests" /
                                   fs::path(source.substr(source.find('/') + 1)).parent_path());
  for (const auto& entry : fs::directory_iterator(build_folder())) {
    const std::string name = entry.path().filename().string();
    if (name.rfind("test_", 0) != 0 || name.find('.') != std::string::npos) continue;
    if (name.find("mpi") != std::string::npos || name.find("gpu") != std::string::npos) continue;
    const bool is_own = list.find("shardpipe_test(" + name.substr(5) + " ") != std::string::npos ||
                        list.find("shardpipe_test(" + name.substr(5) + "\n") != std::string::npos;
    (is_own ? own : others).push_back(name);
  }
  std::sort(own.begin(), own.end());
  std::sort(others.begin(), others.end());
  own.insert(own.end(), others.begin(), others.end());
  return own;
}

bool is_well(const ChildEnd& end) {  // 77: it does not run here
  return (end.exit_code == 0 || end.exit_code == 77) && end.signal == 0 && !end.timed_out;
}

ChildEnd run(const std::string& test, const std::string& folder, double seconds) {
  return run_in_build("LD_LIBRARY_PATH='" + folder + "' exec ./" + test + " --abort", seconds);
}

}  // namespace

TestPrograms::TestPrograms() { link_libraries(unchanged_.path()); }

std::string TestPrograms::seen_by(const std::string& source, const std::string& folder) {
  for (const std::string& test : tests_of(source)) {
    const double seconds = seconds_of(test);
    if (seconds < 0) continue;
    const ChildEnd end = run(test, folder, kPatience_s + kSlower * seconds);
    if (!is_well(end)) return test + (end.timed_out ? " (it does not end)" : "");
  }
  return "";
}

double TestPrograms::seconds_of(const std::string& test) {
  const auto [at, is_new] = seconds_.emplace(test, -1);
  if (!is_new) return at->second;
  const ChildEnd end = run(test, unchanged_.path(), kTest_s);
  if (is_well(end))
    at->second = end.seconds;
  else
    print("%s fails without a mutant and is left out\n", test.c_str());
  return at->second;
}

}  // namespace shardpipe
