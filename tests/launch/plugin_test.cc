// A backend that is not there is told apart from one that is broken, and neither ends the program.
#include "core/launch/plugin.h"

#include <filesystem>
#include <fstream>

#include "core/base/error.h"
#include "core/launch/parts.h"
#include "tests/support/catch.h"
#include "tests/support/paths.h"

namespace shardpipe {

TEST_CASE("a plugin that was not built: what it needs, and exit code 6") {
  try {
    find_in({"moon", "libshardpipe_moon.so", "no moon was found"}, "shardpipe_moon_run");
    CHECK(false);
  } catch (const Error& e) {
    CHECK(e.code() == ExitCode::absent);
    CHECK(std::string(e.what()).find("moon backend is not built: no moon was found when") !=
          std::string::npos);
  }
}

TEST_CASE("a plugin that did not compile: the line that the build left, and exit code 6") {
  const std::string file = "libshardpipe_planted.so", line = "planted.cu(3): error: no such moon";
  const std::string left = in_build(file + ".failed");
  std::ofstream(left) << line << "\n";
  try {
    find_in({"moon", file.c_str(), "no moon was found"}, "shardpipe_moon_run");
    CHECK(false);
  } catch (const Error& e) {
    CHECK(e.code() == ExitCode::absent);
    CHECK(std::string(e.what()) == "the moon backend is not built: " + line);
  }
  std::filesystem::remove(left);
}

TEST_CASE("a file that the build can make, but has not: what to type") {
  CHECK(how_to_build("lab-report") == "not built yet: ./lab build report");
  CHECK(how_to_build("libshardpipe_moon.so") == "");
}

TEST_CASE("a library without the function is of another build") {
  try {
    find_in({"own", "libshardpipe.so", ""}, "shardpipe_moon_run");
    CHECK(false);
  } catch (const Error& e) {
    CHECK(e.code() == ExitCode::absent);
    CHECK(std::string(e.what()).find("has no shardpipe_moon_run") != std::string::npos);
  }
}

}  // namespace shardpipe
